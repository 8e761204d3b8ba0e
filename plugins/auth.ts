import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Account } from '../src/accounts/account.ts'
import { RecentProofRequiredError, RoleRequiredError, SignInRequiredError } from '../src/errors/errors.ts'
import type { Role } from '../src/identity/roles.ts'
import { parseDuration } from '../src/primitives/durations.ts'
import { ownerOf } from '../src/sessions/session-record.ts'

export interface RequireUserOptions {
  /** How old the last proof of the password may be, such as `10m` (ASVS 7.5.3). */
  readonly within?: string
  /** Which role the person must have. An administrator may do all that a user may. */
  readonly role?: Role
}

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The signed-in account. Nobody signed in: it answers for you, a browser goes to /login and comes back
     * here afterwards, anything else gets 401; your handler does not go on. So it is, at /confirm, for
     * somebody whose last proof of the password is older than `within`. Who has not the `role` gets 403.
     */
    requireUser(options?: RequireUserOptions): Promise<Account>
  }
}

export default fp(
  async (app) => {
    const { sessions } = app.latchkey

    async function requireUser(
      this: FastifyRequest,
      { within, role = 'user' }: RequireUserOptions = {}
    ): Promise<Account> {
      const { sessionData } = this
      const { accountRole = 'user' } = sessionData
      const user = ownerOf(sessionData)
      if (user === undefined) throw new SignInRequiredError()
      if (role === 'admin' && accountRole !== 'admin') throw new RoleRequiredError()
      if (within !== undefined && sessions.ageOf(sessionData) > parseDuration(within))
        throw new RecentProofRequiredError()
      return { name: user, role: accountRole }
    }

    app.decorateRequest('requireUser', requireUser)
  },
  { name: 'latchkey-auth', dependencies: ['latchkey-session'] }
)

/**
 * Where people prove who they are, when that is what is missing, and come back from. What was sent is not sent
 * again: where its form is at the same address, the way back leads there.
 */
export function reauthenticationUrl(
  error: unknown,
  { url, server, routeOptions }: FastifyRequest
): string | undefined {
  const page = reauthenticationPage(error)
  if (page === undefined) return undefined
  const hasPage = routeOptions.url !== undefined && server.hasRoute({ method: 'GET', url: routeOptions.url })
  return hasPage ? `${page}?next=${encodeURIComponent(url)}` : page
}

function reauthenticationPage(error: unknown): string | undefined {
  if (error instanceof SignInRequiredError) return '/login'
  if (error instanceof RecentProofRequiredError) return '/confirm'
  return undefined
}
