import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { StoredAccount } from '../src/accounts/account.ts'
import { verifiedAccount } from '../src/accounts/verification.ts'
import type { ProofKind } from '../src/identity/account-proofs.ts'
import { services } from '../src/open-services.ts'
import { cookieValues } from '../src/sessions/cookie/cookie-header.ts'
import {
  type PendingSignIn,
  PendingSignIns,
  pendingMilliseconds
} from '../src/sessions/cookie/pending-sign-in.ts'
import { sessionCookie } from '../src/sessions/cookie/session-cookie.ts'
import { maxCookies } from '../src/sessions/cookie/several-cookies.ts'
import { accountOf } from '../src/sessions/session-record.ts'
import { clearedCookie } from './session/cookies.ts'

/** A pending sign-in, and its account as it is now. */
export interface Pending extends Omit<PendingSignIn, 'account'> {
  readonly account: StoredAccount
  /** The session of the same account that this browser has, and that goes on. */
  readonly keep: string | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Whose password was verified in this browser in the last ten minutes, and whose second factor is missing.
     * undefined: nobody's, or the account has changed since, or the session has ended that it began in.
     */
    pendingSignIn(): Promise<Pending | undefined>
  }
  interface FastifyReply {
    /** Lets the browser keep who has given the password, for ten minutes. An old session stays as it was. */
    holdSignIn(pending: PendingSignIn): void
    /**
     * Signs in whose password was verified before.
     * @param proofs the second factor, which was verified now
     * @throws as `signIn`
     */
    completeSignIn(pending: Pending, proofs: readonly ProofKind[]): Promise<void>
    /** Ends a pending sign-in, if there is one. */
    dropPendingSignIn(): void
  }
}

/** The cookie of a pending sign-in: see PendingSignIns. It is never shared with other apps. */
export default fp(
  async (app) => {
    const { accounts, config, secrets, sessions } = app[services]
    const { name: sessionName, attributes } = sessionCookie({ ...config, cookieDomain: undefined })
    const name = `${sessionName}-pending`
    const cleared = clearedCookie(name, attributes)
    const cookies = new PendingSignIns(secrets)

    async function pendingSignIn(this: FastifyRequest): Promise<Pending | undefined> {
      const pending = sentValues(this)
        .map((value) => cookies.read(value))
        .find(isRecent)
      const account = pending && (await accounts.findById(pending.account))
      if (!account || account.disabledAt || account.version !== pending.version) return undefined
      const keep = accountOf(this.sessionData) === account.id ? this.session.sessionId : undefined
      return pending.ofSession && keep === undefined ? undefined : { ...pending, account, keep }
    }

    function isRecent(pending: PendingSignIn | undefined): boolean {
      return (
        pending !== undefined &&
        sessions.proofs.ageOf({ accountProofs: pending.proofs }) <= pendingMilliseconds
      )
    }

    function sentValues({ headers }: FastifyRequest): readonly string[] {
      return cookieValues(headers.cookie, name, maxCookies)
    }

    function holdSignIn(this: FastifyReply, pending: PendingSignIn): void {
      // Without an age, so that closing the browser ends it: at a shared computer the next person goes on otherwise.
      this.sendCookie({ ...attributes, name, value: cookies.write(pending) })
    }

    async function completeSignIn(this: FastifyReply, pending: Pending, proofs: readonly ProofKind[]) {
      const { account, proofs: provedBefore, remember, next } = pending
      await this.signIn(verifiedAccount(account), { remember, proofs, provedBefore, next })
    }

    function dropPendingSignIn(this: FastifyReply): void {
      if (sentValues(this.request).length > 0) this.sendCookie(cleared)
    }

    app.decorateRequest('pendingSignIn', pendingSignIn)
    app.decorateReply('holdSignIn', holdSignIn)
    app.decorateReply('completeSignIn', completeSignIn)
    app.decorateReply('dropPendingSignIn', dropPendingSignIn)
  },
  { name: 'latchkey-pending-sign-in', dependencies: ['latchkey-session'] }
)
