import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Circumstances } from '../src/mail/notices.ts'
import { addressIn } from '../src/web/client-network.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Who changes an account with this request, and from where: whatever changes one tells its owner.
     * @param administrator if it is not the owner
     */
    circumstances(administrator?: { readonly name: string }): Circumstances
  }
}

export default fp(
  async (app) => {
    app.decorateRequest('circumstances', function (this: FastifyRequest, administrator) {
      const by = administrator && ({ kind: 'account', name: administrator.name } as const)
      return { address: addressIn(this.ip), device: this.headers['user-agent'], by }
    })
  },
  { name: 'latchkey-circumstances' }
)
