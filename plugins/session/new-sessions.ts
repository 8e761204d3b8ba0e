import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { SignedInAs } from '../../src/accounts/account.ts'
import { SignInUndoneError, StorageError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import { ownerKeyOf } from '../../src/identity/owner-key.ts'
import { services } from '../../src/open-services.ts'
import { deviceFields } from '../../src/sessions/device.ts'
import { toRecord } from '../../src/sessions/object/snapshot.ts'
import { stamp } from '../../src/sessions/object/stamps.ts'
import type { ReservedFields, SessionRecord } from '../../src/sessions/session-record.ts'
import { addressIn } from '../../src/web/client-network.ts'

type Session = FastifyRequest['session']

/** With its version when it was looked at: a later change of the account ends the session. */
type ResolvedAccount = SignedInAs & { readonly epoch: number }

interface NewSession {
  readonly account: ResolvedAccount
  readonly data: Partial<SessionRecord>
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
  async function begin(request: FastifyRequest, { account, data, endPrevious }: NewSession) {
    const { sessionObject: old } = request
    await replace(request, data.remember ?? false)
    Object.assign(request.session, data, { user: account.name })
    const { session } = request
    stamp(session, { ...authorityOf(account), accountProofs: sessions.passwordProof() })
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

  /** Data to carry into the new session: only if the previous one was anonymous or of the same owner. */
  function dataToKeep(old: Session | undefined, account: SignedInAs): Partial<SessionRecord> {
    if (!old || keepAtSignIn.length === 0) return {}
    if (![undefined, ownerKeyOf({ user: account.name, account: account.id })].includes(ownerKeyOf(old)))
      return {}
    return Object.fromEntries(Object.entries(toRecord(old)).filter(([key]) => keepAtSignIn.includes(key)))
  }

  /** Whom an app signs in, with the account as it is now, unless its password was just verified. */
  async function resolve(given: SignedInAs): Promise<ResolvedAccount> {
    if (given.verifiedState) return { ...given, epoch: given.verifiedState.version }
    const found = await accounts.find(given.name)
    const { id = found?.id } = given
    return { ...given, id, epoch: id === found?.id ? (found?.version ?? 0) : 0 }
  }

  /** Replaces the request's session by one with a new id, which is not stored yet. */
  function replace(request: FastifyRequest, remember: boolean): Promise<void> {
    const cookie = remember ? { maxAge: config.lifetimes.rememberAbsolute } : {}
    return new Promise((done, reject) =>
      app.decryptSession('', request, cookie, (error) => (error ? reject(error) : done()))
    )
  }

  return { begin, previousSession, dataToKeep, resolve }
}

/** A role belongs to an account, and so does the epoch: a later change of the account ends the session. */
export function authorityOf(account: SignedInAs & { readonly epoch?: number }): ReservedFields {
  const { id, role, verifiedState, epoch = verifiedState?.version } = account
  return id === undefined ? {} : { account: id, accountRole: role, ...(epoch !== undefined && { epoch }) }
}

/** What a session says of the client that signed in. */
export function clientFields({ ip, headers }: FastifyRequest): Partial<SessionRecord> {
  const address = addressIn(ip)
  return { ...(address && { address }), ...deviceFields(headers['user-agent']) }
}
