import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  RecentProofRequiredError,
  SessionEndedError,
  SessionExpiredError,
  SignInRequiredError
} from '../src/errors/errors.ts'
import { withReturn } from '../src/gate/return-link.ts'
import { services } from '../src/open-services.ts'
import type { PublicPaths } from '../src/web/public-paths.ts'
import { acceptsHtml } from './negotiation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Where a browser has to go for an error of `requireUser`, to sign in or to re-authenticate, and then to come back:
     * `/login?next=%2Freports`. undefined for any other error, and for other clients.
     */
    signInPath(error: unknown): string | undefined
  }
}

export default fp(
  async (app) => {
    const { paths } = app[services]
    app.decorateRequest('signInPath', function (this: FastifyRequest, error) {
      return signInPath(error, this, paths)
    })
  },
  { name: 'latchkey-sign-in-path', dependencies: ['latchkey-negotiation'] }
)

/**
 * As `request.signInPath`, which a request with an invalid address does not have. A form is not sent again: the way back
 * leads to the form, if it has the same address.
 */
export function signInPath(error: unknown, request: FastifyRequest, paths: PublicPaths): string | undefined {
  const name = pageFor(error)
  if (name === undefined || !acceptsHtml(request)) return undefined
  const { url, server, routeOptions } = request
  const page = paths.ofPage(name)
  const hasPage = routeOptions.url !== undefined && server.hasRoute({ method: 'GET', url: routeOptions.url })
  return hasPage ? withReturn(page, paths.ofRequest(url)) : page
}

const signInErrors = [SignInRequiredError, SessionEndedError, SessionExpiredError]

function pageFor(error: unknown): string | undefined {
  if (signInErrors.some((kind) => error instanceof kind)) return '/login'
  return error instanceof RecentProofRequiredError ? '/confirm' : undefined
}
