import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Account } from '../../src/accounts/account.ts'
import { SignInUndoneError } from '../../src/errors/errors.ts'
import { toRecord } from '../../src/sessions/object/snapshot.ts'
import { ownerOf, type SessionRecord } from '../../src/sessions/session-record.ts'

type Session = FastifyRequest['session']

/** Starts sessions for users whose password was verified. */
export function newSessions(app: FastifyInstance) {
  const { config, accounts, sessions, keepAtSignIn } = app.latchkey

  /**
   * Stores a session with a new id, and leaves the previous one as it is.
   * @throws {SignInUndoneError} when the account has changed since its password was verified
   */
  async function begin(request: FastifyRequest, account: Account, data: Partial<SessionRecord>) {
    const { sessionObject: old } = request
    await replace(request, data.remember ?? false)
    Object.assign(request.session, data, { user: account.name, accountRole: account.role })
    await request.session.save()
    if (!(await accounts.isUnchangedSince(account))) {
      await rollBack(request, old)
      throw new SignInUndoneError()
    }
  }

  /** Ends the new session and restores the previous one. */
  async function rollBack(request: FastifyRequest, old: FastifyRequest['sessionObject']) {
    await sessions.revoke(request.session.sessionId)
    request.sessionObject = old
  }

  /** The previous session, if any. Does not create one. */
  function previousSession(request: FastifyRequest): Session | undefined {
    return request.sentCookie?.session || request.sessionObject ? request.session : undefined
  }

  /** Data to carry into the new session: only if the previous one was anonymous or the same user's. */
  function dataToKeep(old: Session | undefined, { name }: Account): Partial<SessionRecord> {
    if (!old || keepAtSignIn.length === 0 || ![undefined, name].includes(ownerOf(old))) return {}
    return Object.fromEntries(Object.entries(toRecord(old)).filter(([key]) => keepAtSignIn.includes(key)))
  }

  /** Replaces the request's session by one with a new id, which is not stored yet. */
  function replace(request: FastifyRequest, remember: boolean): Promise<void> {
    const cookie = remember ? { maxAge: config.lifetimes.rememberAbsolute } : {}
    return new Promise((resolve, reject) => {
      app.decryptSession('', request, cookie, (error) => (error ? reject(error) : resolve()))
    })
  }

  return { begin, rollBack, previousSession, dataToKeep }
}
