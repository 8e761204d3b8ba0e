import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Account } from '../../src/accounts/account.ts'
import { SignInUndoneError } from '../../src/errors/errors.ts'
import { sessionCookie } from '../../src/sessions/cookie/session-cookie.ts'
import { toRecord } from '../../src/sessions/object/snapshot.ts'
import { ownerOf, type SessionRecord } from '../../src/sessions/session-record.ts'

type Session = FastifyRequest['session']

/** How a session begins for somebody who has proved who they are. */
export function newSessions(app: FastifyInstance) {
  const { config, accounts, sessions, keepAtSignIn } = app.latchkey
  const { name: cookieName } = sessionCookie(config)

  /**
   * Stores a session of a new id, and leaves the one there was as it is.
   * @throws {SignInUndoneError} when the account has changed since its password was proved
   */
  async function begin(request: FastifyRequest, account: Account, data: Partial<SessionRecord>) {
    const { sessionObject: old } = request
    await replace(request, data.remember ?? false)
    Object.assign(request.session, data, { user: account.name, accountRole: account.role })
    await request.session.save()
    if (!(await accounts.isUnchangedSince(account))) {
      await withdraw(request, old)
      throw new SignInUndoneError()
    }
    // The old ticket is spent. Seeing it, @fastify/session would clear the cookie beside setting it.
    delete request.cookies[cookieName]
  }

  /** Ends the session that just began, as if it never had. */
  async function withdraw(request: FastifyRequest, old: FastifyRequest['sessionObject']) {
    await sessions.revoke(request.session.sessionId)
    request.sessionObject = old
  }

  /** The session there was. A visitor without one is made none, only to be left: that costs as much as one to keep. */
  function leftBy(request: FastifyRequest): Session | undefined {
    return request.ticket?.session || request.sessionObject ? request.session : undefined
  }

  /** What goes along into a new session: from nobody's or their own, never from another person's. */
  function keptOf(old: Session | undefined, { name }: Account): Partial<SessionRecord> {
    if (!old || keepAtSignIn.length === 0 || ![undefined, name].includes(ownerOf(old))) return {}
    return Object.fromEntries(Object.entries(toRecord(old)).filter(([key]) => keepAtSignIn.includes(key)))
  }

  /** Puts a new session with a new id into the request, not stored yet. */
  function replace(request: FastifyRequest, remember: boolean): Promise<void> {
    const cookie = remember ? { maxAge: config.lifetimes.rememberAbsolute } : {}
    return new Promise((resolve, reject) => {
      app.decryptSession('', request, cookie, (error) => (error ? reject(error) : resolve()))
    })
  }

  return { begin, withdraw, leftBy, keptOf }
}
