import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { SignedInAs } from '../../src/accounts/account.ts'
import { SignInRequiredError, SignInUndoneError } from '../../src/errors/errors.ts'
import type { ProofKind } from '../../src/identity/account-proofs.ts'
import { services } from '../../src/open-services.ts'
import { type Carrier, snapshotKey } from '../../src/sessions/object/snapshot.ts'
import { renewedSessionId } from '../../src/sessions/session-keys.ts'
import { authorityOf } from './new-sessions.ts'
import { openSession } from './opened-session.ts'

export interface Renewal {
  /** What was just proved: the password by default. */
  readonly proofs: readonly ProofKind[]
  /** Whether the former id opens it never again, whatever the store loses. */
  readonly endsFormer?: boolean | undefined
}

export function sessionRotation(app: FastifyInstance) {
  const { accounts, sessions } = app[services]

  /**
   * Gives the session of a user who has proved something again another id; its content stays. What ends the
   * session meanwhile ends it under that id too.
   * @throws {SignInUndoneError} when the account has changed since
   * @throws {SignInRequiredError} when the session has ended, or was renewed by another request
   */
  return async function rotate(
    request: FastifyRequest,
    account: SignedInAs,
    { proofs, endsFormer = false }: Renewal
  ): Promise<void> {
    const { session }: { session: FastifyRequest['session'] & Carrier } = request
    if (session.isModified()) await session.save()
    const before = session[snapshotKey]?.record()
    if (!(await accounts.isUnchangedSince(account))) throw new SignInUndoneError()
    const id = renewedSessionId(session.sessionId)
    // The account may have ended the session since, and the store not know it yet: the epoch stays.
    const { epoch, ...authority } = authorityOf(account)
    const stamp = { ...authority, accountProofs: sessions.proofs.justNow(proofs) }
    const rotated = before && (await sessions.rotate(session.sessionId, id, { before, stamp, endsFormer }))
    if (!rotated) throw new SignInRequiredError()
    openSession(request, { id, session: rotated })
  }
}
