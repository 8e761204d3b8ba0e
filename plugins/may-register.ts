import type { AddressInfo } from 'node:net'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { services } from '../src/open-services.ts'
import { isLocal, isLoopback } from '../src/web/local-request.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Whether this visitor can register now. The first account is for whoever has the code that the start printed, or is at
     * this machine, which nobody else reaches. Throws StorageError.
     */
    mayRegister(code?: string): Promise<boolean>
  }
}

export default fp(
  async (app) => {
    const { accounts, config, firstAccount } = app[services]
    const isForThisMachine = !config.trustProxy && isLoopback(config.publicUrl?.hostname ?? 'localhost')

    async function mayRegister(this: FastifyRequest, code = ''): Promise<boolean> {
      if (!(await accounts.acceptsRegistration())) return false
      if (config.registration === 'open' || (isForThisMachine && isLocalRequest(this))) return true
      return firstAccount.isRight(code)
    }

    function isLocalRequest({ socket: { remoteAddress }, raw, headers }: FastifyRequest): boolean {
      const listening = (app.server.address() as AddressInfo | null)?.address
      return isLocal({ remoteAddress, listening, httpVersion: raw.httpVersion, headers })
    }

    app.decorateRequest('mayRegister', mayRegister)
  },
  { name: 'latchkey-may-register', dependencies: ['latchkey-session'] }
)
