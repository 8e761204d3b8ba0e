import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Account } from '../src/accounts/account.ts'
import { verifiedAccount } from '../src/accounts/verification.ts'
import { type LatchkeyError, PasskeyRefusedError, PasskeyUnknownError } from '../src/errors/errors.ts'
import type { ProofKind } from '../src/identity/account-proofs.ts'
import { services } from '../src/open-services.ts'

export type PasskeyVerified =
  | {
      readonly ok: true
      readonly account: Account
      /** What was proved: the passkey, and perhaps its user. */
      readonly proofs: readonly ProofKind[]
    }
  | {
      readonly ok: false
      readonly error: LatchkeyError
      /** The id of a passkey that nobody has: the browser may forget it. */
      readonly unknown?: string
    }

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Verifies the use of a passkey, and records a refusal in the audit trail if it is known whose it is. Nobody can guess
     * a signature, so attempts are not counted.
     * @param credential what the browser says, as JSON
     * @param accountId whose passkey it has to be; undefined: of anybody who is not disabled
     * @throws {StorageError} when the database cannot answer
     */
    verifyPasskey(credential: string, accountId?: string): Promise<PasskeyVerified>
  }
}

export default fp(
  async (app) => {
    const { accounts, factors, passkeys } = app[services]

    async function verifyPasskey(
      this: FastifyRequest,
      credential: string,
      accountId?: string
    ): Promise<PasskeyVerified> {
      const used = await passkeys.used(credential, this, accountId)
      const of = used.ok ? used.passkey.accountId : used.accountId
      const account = of === undefined ? undefined : await accounts.findById(of)
      if (!used.ok && used.reason === 'unknown')
        return { ok: false, error: new PasskeyUnknownError(), ...(used.id && { unknown: used.id }) }
      const owner = account && { name: account.name, account: account.id }
      // Whatever removes it after the account was read undoes the sign-in; before that, this sees it.
      const isThere = used.ok && (await factors.findPasskey(used.passkey.id)) !== undefined
      if (!used.ok || !isThere || !account || account.disabledAt) {
        if (owner) await this.audit('passkey-refused', owner)
        return { ok: false, error: new PasskeyRefusedError() }
      }
      if (used.mayBeCopied) await this.audit('passkey-copied', { ...owner, detail: used.passkey.name })
      const proofs: ProofKind[] = used.userVerified ? ['passkey', 'verified'] : ['passkey']
      return { ok: true, account: verifiedAccount(account), proofs }
    }

    app.decorateRequest('verifyPasskey', verifyPasskey)
  },
  { name: 'latchkey-verify-passkey', dependencies: ['latchkey-audit'] }
)
