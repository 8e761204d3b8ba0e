import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Account } from '../../src/accounts/account.ts'
import { SignInUndoneError, StorageError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'
import { toRecord } from '../../src/sessions/object/snapshot.ts'
import { stamp } from '../../src/sessions/object/stamps.ts'
import { ownerOf, type ReservedFields, type SessionRecord } from '../../src/sessions/session-record.ts'

type Session = FastifyRequest['session']

interface NewSession {
  readonly account: Account
  readonly data: Partial<SessionRecord>
  /** What continues of the previous session. */
  readonly reserved?: ReservedFields
  readonly endPrevious: () => Promise<void>
}

/** Starts sessions for users whose password was verified. */
export function newSessions(app: FastifyInstance) {
  const { config, accounts, sessions, keepAtSignIn } = app[services]

  /**
   * Stores a session with a new id, then ends the previous one.
   * @param endPrevious if it fails, the new session ends and the previous one is restored
   * @throws {SignInUndoneError} when the account has changed since its password was verified
   */
  async function begin(request: FastifyRequest, { account, data, reserved, endPrevious }: NewSession) {
    const { sessionObject: old } = request
    await replace(request, data.remember ?? false)
    Object.assign(request.session, data, { user: account.name })
    const { session } = request
    stamp(session, { ...reserved, accountRole: account.role, accountProofs: sessions.passwordProof() })
    await session.save()
    try {
      if (!(await accounts.isUnchangedSince(account))) throw new SignInUndoneError()
      await endPrevious()
      const count = sessions.evictedBy(session.sessionId)
      if (count > 0 && app.hasReplyDecorator('flash'))
        session.flash = message('account.sessions.evicted', { count })
    } catch (error) {
      request.sessionObject = old
      const isEnded = sessions.revoke(session.sessionId)
      // A store that does not answer would not answer now either.
      await (error instanceof StorageError ? isEnded.catch(() => {}) : isEnded)
      throw error
    }
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

  return { begin, previousSession, dataToKeep }
}
