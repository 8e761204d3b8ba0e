import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { RecentProofRequiredError, RoleRequiredError, SignInRequiredError } from '../src/errors/errors.ts'
import { isAccountId } from '../src/identity/account-id.ts'
import type { Role } from '../src/identity/roles.ts'
import { services } from '../src/open-services.ts'
import { parseDuration } from '../src/primitives/durations.ts'
import type { SignedInUser } from '../src/sessions/session-record.ts'
import type { PresentSession } from './open-connections.ts'

export interface RequireUserOptions {
  /** How long ago the password may have been verified, such as `10m` (ASVS 7.5.3). */
  readonly within?: string
  /** The required role. An administrator may do everything a user may. */
  readonly role?: Role
  /** Whether somebody whom an app knows by a name alone has to sign in to an account. So it is with `within`. */
  readonly account?: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Returns who is signed in. If nobody is signed in, it answers the request and the handler stops: a
     * browser is redirected to /login and back, any other client gets 401. If the password was verified
     * longer ago than `within`, the same happens with /confirm. Without the required `role` the answer is
     * 403. A WebSocket is closed with 4401 or 4403, and the code of the error as the reason.
     *
     * It answers from what was loaded at the start of the request. Once the answer has begun, or a second has passed,
     * it looks again, without using the session.
     */
    requireUser(options?: RequireUserOptions): Promise<SignedInUser>
  }
}

export default fp(
  async (app) => {
    const { sessions } = app[services]

    async function requireUser(this: FastifyRequest, options?: RequireUserOptions): Promise<SignedInUser> {
      try {
        const session = this.presentSession()
        return userWith(session instanceof Promise ? await session : session, options)
      } catch (error) {
        this.refuseSocket(error)
        throw error
      }
    }

    function userWith(
      session: PresentSession,
      { within, role = 'user', account = within !== undefined }: RequireUserOptions = {}
    ): SignedInUser {
      const { sessionUser: user } = session
      if (user === undefined || (account && !isAccountId(user.id))) throw new SignInRequiredError()
      if (role === 'admin' && user.role !== 'admin') throw new RoleRequiredError()
      if (within !== undefined && sessions.proofs.ageOf(session.sessionData) > parseDuration(within))
        throw new RecentProofRequiredError()
      // The app's own: it may add to it.
      return { ...user }
    }

    app.decorateRequest('requireUser', requireUser)
  },
  { name: 'latchkey-auth', dependencies: ['latchkey-open-connections', 'latchkey-web-sockets'] }
)
