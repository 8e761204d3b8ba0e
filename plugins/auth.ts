import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Account } from '../src/accounts/accounts.ts'
import { parseDuration } from '../src/durations.ts'
import { RecentProofRequiredError, SignInRequiredError } from '../src/errors.ts'

export interface RequireUserOptions {
  /** How old the last proof of the password may be, such as `10m` (ASVS 7.5.3). */
  readonly within?: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The signed-in account. Nobody signed in: it answers for you, a browser goes to /login and comes back
     * here afterwards, anything else gets 401; your handler does not go on. So it is, at /confirm, for
     * somebody whose last proof of the password is older than `within`.
     */
    requireUser(options?: RequireUserOptions): Promise<Account>
  }
}

export default fp(
  async (app) => {
    const { sessions } = app.latchkey

    async function requireUser(this: FastifyRequest, { within }: RequireUserOptions = {}): Promise<Account> {
      const { user } = this.remembered
      if (user === undefined) throw new SignInRequiredError()
      if (within !== undefined && sessions.ageOf(this.remembered) > parseDuration(within))
        throw new RecentProofRequiredError()
      return { name: user }
    }

    app.decorateRequest('requireUser', requireUser)
  },
  { name: 'latchkey-auth', dependencies: ['latchkey-session'] }
)
