import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Account } from '../src/accounts/account.ts'
import type { Credentials } from '../src/accounts/accounts.ts'
import { BadInputError, type LatchkeyError, RecentProofRequiredError } from '../src/errors/errors.ts'
import { type ProofKind, suffices } from '../src/identity/account-proofs.ts'
import { services } from '../src/open-services.ts'

export interface CredentialsWithCode extends Credentials {
  /** From the app, or a recovery code. */
  readonly code?: string | undefined
}

export interface OwnProofs {
  readonly password?: string | undefined
  readonly code?: string | undefined
  /** Of a passkey, as JSON: then nothing else is looked at. */
  readonly credential?: string | undefined
}

export type CredentialsVerified =
  | {
      readonly ok: true
      readonly account: Account
      readonly proofs: readonly ProofKind[]
      /** Takes the place of the recovery code that was used. */
      readonly recoveryCode?: string | undefined
    }
  | { readonly ok: false; readonly error: LatchkeyError }

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Verifies a name and password, and then the code, if there is one and the account has a second factor: all that a
     * sign-in needs at once.
     * @throws as `verifyPassword` and `verifyCode`
     */
    verifyCredentials(credentials: CredentialsWithCode): Promise<CredentialsVerified>
    /**
     * Verifies what is given of the account that is signed in, the password first.
     * @throws {BadInputError} when nothing is given
     */
    verifyOwnProofs(proofs: OwnProofs): Promise<CredentialsVerified>
  }
}

/** Several proofs in one request. */
export default fp(
  async (app) => {
    const { sessions } = app[services]

    async function verifyCredentials(
      this: FastifyRequest,
      { code, ...credentials }: CredentialsWithCode
    ): Promise<CredentialsVerified> {
      const attempt = await this.verifyPassword(credentials)
      if (!attempt.ok) return attempt
      const { account } = attempt
      if (!code || !account.secondFactors) return { ok: true, account, proofs: ['password'] }
      const has = await this.verifyCode(account, code)
      return has.ok ? { ...has, account, proofs: ['password', has.proof] } : has
    }

    async function verifyOwnProofs(
      this: FastifyRequest,
      { password, code, credential }: OwnProofs
    ): Promise<CredentialsVerified> {
      if (credential) {
        const { id } = await this.requireUser({ account: true, factors: 1 })
        return this.verifyPasskey(credential, id)
      }
      const known = password ? await this.verifyOwnPassword(password) : undefined
      if (known && !known.ok) return known
      if (known && !code) return { ok: true, account: known.account, proofs: ['password'] }
      if (!code) throw new BadInputError()
      if (!known && (await isReplacedForOneFactor(this, code)))
        return { ok: false, error: new RecentProofRequiredError({ factors: 2, methods: ['password'] }) }
      const has = await this.verifyOwnCode(code)
      if (!has.ok) return has
      const { account, proof, recoveryCode } = has
      return { ok: true, account, proofs: known ? ['password', proof] : [proof], recoveryCode }
    }

    /**
     * The code that replaces a recovery code is shown only to who has proved two factors with it (NIST SP 800-63B-4
     * §3.1.2.1). Otherwise it is not looked at, so that it is not spent.
     */
    async function isReplacedForOneFactor({ sessionData }: FastifyRequest, code: string): Promise<boolean> {
      const { isOneTimeCode } = await import('../src/factors/one-time-codes.ts')
      const proofs = { ...sessions.proofs.fresh(sessionData), ...sessions.proofs.justNow(['recovery']) }
      return !isOneTimeCode(code) && !suffices(proofs, 2)
    }

    app.decorateRequest('verifyCredentials', verifyCredentials)
    app.decorateRequest('verifyOwnProofs', verifyOwnProofs)
  },
  { name: 'latchkey-verify-credentials', dependencies: ['latchkey-own-account', 'latchkey-verify-passkey'] }
)
