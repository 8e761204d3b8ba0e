import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { Account } from '../src/accounts/account.ts'
import { detailOf } from './auth/proof-detail.ts'
import { type Renewal, sessionRotation } from './session/rotate-session.ts'

declare module 'fastify' {
  interface FastifyReply {
    /**
     * After re-authentication: the session continues under another id with a new proof (ASVS 7.2.4).
     * @param options.proofs what was proved: by default `['password']`
     * @throws {SignInUndoneError} when the account has changed since its password was verified
     * @throws {SignInRequiredError} when the session was ended or renewed meanwhile
     */
    renewSession(account: Account, options?: Partial<Renewal>): Promise<void>
  }
}

export default fp(
  async (app) => {
    const rotate = sessionRotation(app)

    async function renewSession(this: FastifyReply, account: Account, options: Partial<Renewal> = {}) {
      const { request } = this
      const { proofs = ['password'] } = options
      await rotate(request, account, { ...options, proofs })
      await request.rememberDevice(account)
      await request.audit('proof', detailOf(proofs))
    }

    app.decorateReply('renewSession', renewSession)
  },
  {
    name: 'latchkey-renew-session',
    dependencies: ['latchkey-session', 'latchkey-audit', 'latchkey-device-cookie']
  }
)
