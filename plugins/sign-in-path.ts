import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  type ProofAsked,
  RecentProofRequiredError,
  SecondFactorNotSetUpError,
  SecondFactorRequiredError,
  SessionEndedError,
  SessionExpiredError,
  SignInRequiredError
} from '../src/errors/errors.ts'
import { withDemand, withReturn } from '../src/gate/return-link.ts'
import { services } from '../src/open-services.ts'
import type { PublicPaths } from '../src/web/public-paths.ts'
import { acceptsHtml } from './negotiation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Where a browser has to go for an error of `requireUser`, to sign in or to prove more, and then to come back:
     * `/login?next=%2Freports`; of `reply.signIn`, for the second factor. undefined for any other error, and for other clients.
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
  const place = placeFor(error)
  if (place === undefined || !acceptsHtml(request)) return undefined
  const { url, server, routeOptions } = request
  const page = paths.ofPage(place.page)
  if (place.isSignIn) return page
  const hasPage = routeOptions.url !== undefined && server.hasRoute({ method: 'GET', url: routeOptions.url })
  return withDemand(hasPage ? withReturn(page, paths.ofRequest(url)) : page, place.asked)
}

interface Place {
  readonly page: string
  readonly asked?: ProofAsked
  /** A sign-in is under way, and knows where it leads. */
  readonly isSignIn?: true | undefined
}

const signInErrors = [SignInRequiredError, SessionEndedError, SessionExpiredError]

function placeFor(error: unknown): Place | undefined {
  if (signInErrors.some((kind) => error instanceof kind)) return { page: '/login' }
  const asked = askedIn(error)
  if (!asked?.isSignIn) return asked && { page: '/confirm', asked }
  return { page: error instanceof SecondFactorRequiredError ? '/login/code' : '/login/setup', isSignIn: true }
}

/** What an error says is missing; undefined: it is another one. */
export function askedIn(error: unknown): ProofAsked | undefined {
  const isMissing =
    error instanceof RecentProofRequiredError ||
    error instanceof SecondFactorRequiredError ||
    error instanceof SecondFactorNotSetUpError
  return isMissing ? error.asked : undefined
}
