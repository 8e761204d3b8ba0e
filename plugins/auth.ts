import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  GroupRequiredError,
  RecentProofRequiredError,
  RoleRequiredError,
  SignInRequiredError
} from '../src/errors/errors.ts'
import { isAccountId } from '../src/identity/account-id.ts'
import { nameKey } from '../src/identity/names.ts'
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
  /** A group that the user must be in, or several of which one is enough. Who is an administrator is in no group by that. */
  readonly group?: string | readonly string[]
  /** Whether somebody whom an app knows by a name alone has to sign in to an account. So it is with `within`. */
  readonly account?: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Returns who is signed in. If nobody is signed in, it answers the request and the handler stops: a
     * browser is redirected to /login and back, any other client gets 401. If the password was verified
     * longer ago than `within`, the same happens with /confirm. Without the required `role` or `group` the answer is
     * 403. A WebSocket is closed with 4401 or 4403, and the code of the error as the reason.
     *
     * A change of groups counts at the next request. Otherwise it answers from what was loaded at the start of the request. Once the answer has begun, or a second has passed,
     * it looks again, without using the session.
     */
    requireUser(options?: RequireUserOptions): Promise<SignedInUser>
  }
}

export default fp(
  async (app) => {
    const { sessions, present } = app[services]

    async function requireUser(this: FastifyRequest, options?: RequireUserOptions): Promise<SignedInUser> {
      try {
        const session = this.presentSession()
        const user = userWith(session instanceof Promise ? await session : session, options)
        if (options?.group !== undefined) await mustBeIn(user, options.group)
        return user
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

    async function mustBeIn({ id }: SignedInUser, group: string | readonly string[]): Promise<void> {
      const account = isAccountId(id) ? await present.find(id) : undefined
      if (![group].flat().some((name) => account?.groupKeys.has(nameKey(name))))
        throw new GroupRequiredError()
    }

    app.decorateRequest('requireUser', requireUser)
  },
  { name: 'latchkey-auth', dependencies: ['latchkey-open-connections', 'latchkey-web-sockets'] }
)
