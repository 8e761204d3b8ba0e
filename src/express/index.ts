import '../start/node-version.cjs'

import expressSession from 'express-session'
import { requireUser, signIn, signOut } from './people.ts'
import { makeSession } from './session.ts'
import { signedIn } from './signed-in.ts'
import { LatchkeyStore } from './store/latchkey-store.ts'
import type types from './types.cjs'

export type { CookieOptions, SessionData } from 'express-session'
// As values and as types.
export { Cookie, MemoryStore, Session, Store } from 'express-session'
export type { RequireUserOptions, SignInOptions } from './people.ts'
export type { SessionMiddleware, SessionOptions } from './session.ts'

const { Cookie, MemoryStore, Session, Store } = expressSession
const named = { Cookie, LatchkeyStore, MemoryStore, Session, Store, requireUser, signedIn, signIn, signOut }

/** As `require('express-session')`: a function with the classes as properties. */
const session = Object.assign(makeSession, named)
Object.assign(session, { session })
// What packages get as types is written by hand.
session satisfies Pick<typeof types, Exclude<keyof typeof types, 'session'>>
makeSession satisfies (options?: types.SessionOptions) => types.SessionMiddleware

export {
  LatchkeyStore,
  requireUser,
  session,
  session as default,
  // The result of `require('latchkey/express')`.
  session as 'module.exports',
  signedIn,
  signIn,
  signOut
}
