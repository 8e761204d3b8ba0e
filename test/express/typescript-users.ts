/**
 * What users of @types/express-session write, with only the import changed. Each of them declares the data of the session
 * in another way, and has `req.session.user` of another type.
 */
export const declarations = {
  'nothing but data of the app': `
declare module 'express-session' { interface SessionData { views: number } }
export const user = (session: Express.Request['session']): string | undefined => {
  session.user = 'bob'
  // @ts-expect-error a name is text
  session.user = 7
  return session.user
}
`,
  'a user in SessionData': `
declare module 'express-session' { interface SessionData { views: number; user: { id: number } } }
export const user = (session: Express.Request['session']): number | undefined => {
  session.user = { id: 1 }
  // @ts-expect-error the app's own type
  session.user = 'bob'
  return session.user?.id
}
`,
  'a user in Session': `
declare module 'express-session' { interface Session { views?: number; user: { id: number } } }
export const user = (session: Express.Request['session']): number => {
  session.user = { id: 1 }
  // @ts-expect-error the app's own type
  session.user = 'bob'
  return session.user.id
}
`,
  'the import changed here too': `
declare module 'latchkey/express' { interface SessionData { views: number; user?: { id: number } } }
export const user = (session: Express.Request['session']): number | undefined => {
  session.user = { id: 1 }
  return session.user?.id
}
`
} as const

/** A module. */
export const program = `
import express, { type Request } from 'express'
import session from 'latchkey/express'
import { MemoryStore, type SessionData, type SessionOptions, signedIn, signIn, signOut, Store } from 'latchkey/express'

const options: session.SessionOptions = {
  secret: ['new', 'old'],
  resave: false,
  saveUninitialized: false,
  cookie: { maxAge: 60_000, sameSite: 'lax' }
}
const ours: SessionOptions = { ...options, settings: { REDIS_URL: 'redis://localhost' }, strict: true }

class OwnStore extends session.Store {
  get(_sid: string, callback: (err: unknown, session?: session.SessionData | null) => void): void {
    callback(null, null)
  }
  set(_sid: string, _session: SessionData, callback?: (err?: unknown) => void): void {
    callback?.()
  }
  destroy(_sid: string, callback?: (err?: unknown) => void): void {
    callback?.()
  }
}

const stores: Store[] = [new OwnStore(), new MemoryStore(), new session.MemoryStore(), session(ours).store]
const store = stores[0]
export const app = express().use(session({ ...options, ...(store && { store }) }))
app.get('/', session.requireUser({ within: '3h' }), async (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1
  await signIn(req, 'alice', { remember: true })
  const current: session.Session & Partial<session.SessionData> = req.session
  current.regenerate(() => res.json(cookieOf(req).originalMaxAge))
  if (signedIn(req).aborted) await signOut(req)
})
const cookieOf = (req: Request): session.Cookie => req.session.cookie
`

/** A program for CommonJS as TypeScript has it. */
export const commonJs = `
import express = require('express')
import session = require('latchkey/express')
import * as all from 'latchkey/express'
import type { SessionData } from 'latchkey/express'

const options: session.SessionOptions = { secret: 'keyboard cat' }
const { store }: session.SessionMiddleware = session.session(options)
if (store instanceof session.LatchkeyStore) store.close()
express().use(session({ ...options, store }), all.requireUser())
export const viewsIn = (data: SessionData | undefined) => data?.cookie.maxAge
`
