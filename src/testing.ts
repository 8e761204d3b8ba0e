import { randomBytes } from 'node:crypto'
import { NoSuchAccountError } from './errors/errors.ts'
import type { Role } from './identity/roles.ts'
import { type Services, services } from './open-services.ts'
import { sessionCookie, valuePrefix } from './sessions/cookie/session-cookie.ts'
import type { Signer } from './sessions/cookie/signer.ts'
import { newSessionId } from './sessions/session-keys.ts'
import type { SessionRecord } from './sessions/session-record.ts'

/** A Fastify app that has registered Latchkey. */
export interface SignedInApp {
  ready(): PromiseLike<unknown>
  readonly [services]: Services
  readonly sessionTokens: Signer
}

export interface SignedInOptions {
  /** The role of an account that does not exist yet: `user` by default. */
  readonly role?: Role
  /** How many factors were proved just now: a password, and with `2` a code as well. One by default. */
  readonly factors?: 1 | 2
  /** Further data of the session. */
  readonly session?: Partial<SessionRecord>
}

/**
 * Signs a user in without a password, for tests of an app that uses Latchkey: `app.inject({ url: '/reports',
 * cookies: await signedInCookies(app, 'alice') })`.
 * @param name of the account, which is created if it does not exist
 * @returns the cookies of a new session, as `inject` takes them
 * @throws {BadInputError} when the name is not allowed
 */
export async function signedInCookies(
  app: SignedInApp,
  name: string,
  { role = 'user', factors = 1, session = {} }: SignedInOptions = {}
): Promise<Record<string, string>> {
  await app.ready()
  const { accounts, sessions, config } = app[services]
  if (!(await accounts.find(name))) await addAccount(app[services], name, role)
  const account = await accounts.find(name)
  if (!account) throw new NoSuchAccountError(name)
  const id = newSessionId()
  const authority = {
    account: account.id,
    accountRole: account.role,
    epoch: account.version,
    accountProofs: sessions.proofs.justNow(factors === 2 ? ['password', 'totp'] : ['password'])
  }
  const signedIn = { user: account.name, remember: false, ...authority }
  await sessions.create(id, { cookie: { originalMaxAge: null }, ...signedIn, ...session })
  return { [sessionCookie(config).name]: valuePrefix + app.sessionTokens.sign(id) }
}

async function addAccount({ accounts }: Services, username: string, role: Role): Promise<void> {
  const added = await accounts.add({ username, password: randomBytes(24).toString('base64url') }, role)
  if (!added.ok) throw added.error
}
