import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { SignedInAs } from '../../src/accounts/account.ts'
import { SignInUndoneError, StorageError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import type { AccountProofs } from '../../src/identity/account-proofs.ts'
import { ownerKeyOf } from '../../src/identity/owner-key.ts'
import { services } from '../../src/open-services.ts'
import { sessionCookie, terseCookie } from '../../src/sessions/cookie/session-cookie.ts'
import { deviceFields } from '../../src/sessions/device.ts'
import { toRecord } from '../../src/sessions/object/snapshot.ts'
import { newSessionId } from '../../src/sessions/session-keys.ts'
import type { ReservedFields, SessionRecord } from '../../src/sessions/session-record.ts'
import { addressIn } from '../../src/web/client-network.ts'
import { openSession } from './opened-session.ts'
import { type ResolvedAccount, whenBegun } from './resolve-account.ts'

type Session = FastifyRequest['session']

interface NewSession {
  readonly account: ResolvedAccount
  readonly proofs: AccountProofs
  readonly data: Partial<SessionRecord>
  readonly endPrevious: () => Promise<void>
}

/** Starts sessions for users who have proved who they are. */
export function newSessions(app: FastifyInstance) {
  const { config, accounts, sessions, keepAtSignIn } = app[services]
  /** As @fastify/session stores it. */
  const usualCookie = terseCookie({
    ...sessionCookie(config).attributes,
    expires: null,
    originalMaxAge: null
  })

  /**
   * Stores a session with a new id, then ends the previous one.
   * @param endPrevious if it fails, the new session ends and the request keeps the previous one
   * @throws {SignInUndoneError} when the account has changed since its password was verified
   */
  async function begin(request: FastifyRequest, { account, proofs, data, endPrevious }: NewSession) {
    const reserved = { ...authorityOf(account), accountProofs: proofs }
    const record = { cookie: cookieFor(data.remember), ...reserved, ...data, user: account.name }
    const { id, session, evicted } = await sessions.begin(newSessionId(), record, request.arrivedAt)
    try {
      if (!(await accounts.isUnchangedSince(whenBegun(account)))) throw new SignInUndoneError()
      await endPrevious()
    } catch (error) {
      const isEnded = sessions.revoke(id)
      // A store that does not answer would not answer now either.
      await (error instanceof StorageError ? isEnded.catch(() => {}) : isEnded)
      throw error
    }
    openSession(request, { id, session })
    if (evicted > 0 && app.hasReplyDecorator('flash'))
      request.session.flash = message('account.sessions.evicted', { count: evicted })
  }

  function cookieFor(remember = false): SessionRecord['cookie'] {
    const { rememberAbsolute: originalMaxAge } = config.lifetimes
    const expires = new Date(Date.now() + originalMaxAge).toISOString()
    return remember ? { ...usualCookie, ...{ expires, originalMaxAge } } : usualCookie
  }

  /** The previous session, if any. Does not create one. */
  function previousSession(request: FastifyRequest): Session | undefined {
    const { sentCookie, openedSession, sessionObject } = request
    return sentCookie?.session || openedSession || sessionObject ? request.session : undefined
  }

  /** Data to carry into the new session: only if the previous one was anonymous or of the same owner. */
  function dataToKeep(old: Session | undefined, account: SignedInAs): Partial<SessionRecord> {
    if (!old || keepAtSignIn.length === 0) return {}
    if (![undefined, ownerKeyOf({ user: account.name, account: account.id })].includes(ownerKeyOf(old)))
      return {}
    const kept = Object.entries(toRecord(old)).filter(([key]) => keepAtSignIn.includes(key))
    return Object.fromEntries(kept)
  }

  return { begin, previousSession, dataToKeep }
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
