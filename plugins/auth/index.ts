import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type LatchkeyError, RoleRequiredError, SignInRequiredError } from '../../src/errors/errors.ts'
import { isAccountId } from '../../src/identity/account-id.ts'
import { services } from '../../src/open-services.ts'
import type { SignedInUser } from '../../src/sessions/session-record.ts'
import type { PresentSession } from '../open-connections.ts'
import { withAddress } from './address.ts'
import { groupMembership } from './groups.ts'
import { type Asked, missingProofs } from './missing-proofs.ts'
import { allFactors, type RequireUserOptions } from './options.ts'
import { tokenUser } from './token-user.ts'

export type { RequireUserOptions } from './options.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Returns who is signed in. If nobody is signed in, it answers the request and the handler stops: a
     * browser is redirected to /login and back, any other client gets 401. If `factors` or `within` ask for more than was
     * proved, the same happens with /confirm, which asks for what is missing; a program reads in `methods` what the account
     * has for it. Without the required `role` or `group` the answer is
     * 403. A WebSocket is closed with 4401 or 4403, and the code of the error as the reason.
     *
     * A change of groups counts at the next request. Otherwise it answers from what was loaded at the start of the
     * request. Once the answer has begun, or a second has passed, it looks again, without using the session.
     */
    requireUser(options?: RequireUserOptions): Promise<SignedInUser>
    /**
     * As `requireUser` with all factors in the last ten minutes, for a form that asks for the password itself (ASVS
     * 7.5.1).
     */
    requireOtherFactors(): Promise<SignedInUser>
    /** The error of `requireUser` for what the session lacks; undefined: nothing. */
    lackingProofs(asked: Asked): Promise<LatchkeyError | undefined>
  }
}

export default fp(
  async (app) => {
    const { sessions } = app[services]
    const { isEnough, missing } = missingProofs(app)
    const mustBeIn = groupMembership(app)
    const addAddress = withAddress(app)

    async function requireUser(
      this: FastifyRequest,
      options: RequireUserOptions = {}
    ): Promise<SignedInUser> {
      try {
        const byToken = await tokenUser(this, options)
        if (byToken) return options.email ? await addAddress(byToken) : byToken
        const present = this.presentSession()
        const session = present instanceof Promise ? await present : present
        const user = userWith(session, options)
        if (options.group !== undefined) await mustBeIn(user, options.group)
        const { sessionData } = session
        const error = isEnough(sessionData, options) ? undefined : await missing(sessionData, options)
        if (error) throw error
        return options.email ? await addAddress(user) : user
      } catch (error) {
        this.refuseSocket(error)
        throw error
      }
    }

    function userWith({ sessionUser: user }: PresentSession, options: RequireUserOptions): SignedInUser {
      const { within, factors = 1, role = 'user' } = options
      const { account = within !== undefined || factors !== 1 } = options
      if (user === undefined || (account && !isAccountId(user.id))) throw new SignInRequiredError()
      if (role === 'admin' && user.role !== 'admin') throw new RoleRequiredError()
      // The app's own: it may add to it.
      return { ...user }
    }

    async function requireOtherFactors(this: FastifyRequest): Promise<SignedInUser> {
      const user = await this.requireUser({ account: true, factors: 1 })
      const { accountProofs } = this.sessionData
      const withPassword = { ...accountProofs, ...sessions.proofs.justNow(['password']) }
      const error = await missing({ ...this.sessionData, accountProofs: withPassword }, allFactors)
      if (error) throw error
      return user
    }

    app.decorateRequest('requireUser', requireUser)
    app.decorateRequest('requireOtherFactors', requireOtherFactors)
    app.decorateRequest('lackingProofs', async function (this: FastifyRequest, asked) {
      return missing(this.sessionData, asked)
    })
  },
  {
    name: 'latchkey-auth',
    dependencies: ['latchkey-open-connections', 'latchkey-web-sockets', 'latchkey-use-token']
  }
)
