import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { verifiedAccount } from '../src/accounts/verification.ts'
import { SignInRequiredError, SignInUndoneError } from '../src/errors/errors.ts'
import type { ChangedFactors } from '../src/factors/factors.ts'
import type { Message } from '../src/i18n/texts.ts'
import type { ProofKind } from '../src/identity/account-proofs.ts'
import { services } from '../src/open-services.ts'
import type { Pending } from './pending-sign-in.ts'

/** What it takes to change factors: all of them, lately (ASVS 7.5.1, 7.5.3; NIST SP 800-63B-4 §4.1.2.1). */
export const recentlyProved = { within: '10m', factors: 'all' } as const

declare module 'fastify' {
  interface FastifyReply {
    /**
     * After a new factor this session continues under another id, and whoever had the cookie before does not come back
     * with it.
     * @param proofs what was proved by the change
     */
    continueAfter(changed: ChangedFactors, proofs: readonly ProofKind[]): Promise<void>
    /** The same after a sign-in that needed the new factor, or for a session that did. */
    continueOrSignIn(pending: Pending, changed: ChangedFactors, proofs: readonly ProofKind[]): Promise<void>
    /** Answers: with the first factor come recovery codes, which are shown once. */
    factorAdded(changed: ChangedFactors, done: Message): FastifyReply
    /** Answers with what was done. */
    factorChanged(done: Message): FastifyReply
    /** Shows recovery codes, once. @param onward where the page leads, as browsers have it: by default to all factors */
    showRecoveryCodes(codes: readonly string[], done: Message, onward?: string): FastifyReply
  }
}

export default fp(
  async (app) => {
    const { paths } = app[services]

    async function continueAfter(
      this: FastifyReply,
      { account }: ChangedFactors,
      proofs: readonly ProofKind[]
    ): Promise<void> {
      // The factor is there by now: no refusal may say otherwise.
      const renewing = this.renewSession(verifiedAccount(account), { proofs, endsFormer: true })
      await renewing.catch(unlessSessionIsOver)
    }

    async function continueOrSignIn(
      this: FastifyReply,
      pending: Pending,
      changed: ChangedFactors,
      proofs: readonly ProofKind[]
    ): Promise<void> {
      const { account } = changed
      if (pending.keep === undefined) return this.completeSignIn({ ...pending, account }, proofs)
      await this.continueAfter(changed, proofs)
      this.dropPendingSignIn()
    }

    function factorAdded(this: FastifyReply, { recoveryCodes }: ChangedFactors, done: Message) {
      return recoveryCodes ? this.showRecoveryCodes(recoveryCodes, done) : this.factorChanged(done)
    }

    function factorChanged(this: FastifyReply, done: Message) {
      if (!this.request.acceptsHtml) return this.send({ changed: true })
      this.flash(done)
      return this.redirect(paths.ofPage('/account/security'), 303)
    }

    function showRecoveryCodes(
      this: FastifyReply,
      codes: readonly string[],
      done: Message,
      onward = paths.ofPage('/account/security')
    ) {
      if (!this.request.acceptsHtml) return this.send({ changed: true, recoveryCodes: codes })
      const user = this.request.sessionUser?.name
      return this.page('account/recovery-codes', { codes, done, user, onward, isPrinted: true })
    }

    app.decorateReply('continueAfter', continueAfter)
    app.decorateReply('continueOrSignIn', continueOrSignIn)
    app.decorateReply('factorAdded', factorAdded)
    app.decorateReply('factorChanged', factorChanged)
    app.decorateReply('showRecoveryCodes', showRecoveryCodes)
  },
  { name: 'latchkey-factors', dependencies: ['latchkey-sign-in'] }
)

function unlessSessionIsOver(error: unknown): void {
  if (!(error instanceof SignInRequiredError || error instanceof SignInUndoneError)) throw error
}
