import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { returnPath } from '../src/gate/return-path.ts'
import { services } from '../src/open-services.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Where to go after sign-in, for `reply.redirect()`: a path of this site, or an address of an app behind
     * the gate. Anything else, which could lead to another site, becomes `home` (ASVS 3.7.2).
     * @param next the parameter of that name: untrusted input of any type
     */
    returnPath(next: unknown): string
  }
}

export default fp(
  async (app) => {
    app.decorateRequest('returnPath', function (this: FastifyRequest, next) {
      return returnPath(next, app[services])
    })
  },
  { name: 'latchkey-return-path' }
)
