import type { FastifyRequest } from 'fastify'
import { GroupRequiredError, RoleRequiredError, TokenNotEnoughError } from '../../src/errors/errors.ts'
import { nameKey } from '../../src/identity/names.ts'
import type { SignedInUser } from '../../src/sessions/session-record.ts'
import type { RequireUserOptions } from './options.ts'

/**
 * Who has sent a token to a route that accepts one.
 * @returns undefined: there is no token, or none is accepted here, so the session counts
 * @throws as `useToken`, and what `requireUser` throws; {TokenNotEnoughError} where a session would have to prove more
 */
export async function tokenUser(
  request: FastifyRequest,
  { within, factors = 1, role, group }: RequireUserOptions
): Promise<SignedInUser | undefined> {
  if (request.headers.authorization === undefined || !request.routeOptions.config.token) return undefined
  const use = await request.useToken()
  if (!use) return undefined
  const { account, token } = use
  if (!token.forApi || within !== undefined || factors !== 1) throw new TokenNotEnoughError()
  if (role === 'admin' && account.role !== 'admin') throw new RoleRequiredError()
  if (group !== undefined && ![group].flat().some((name) => account.groupKeys.has(nameKey(name))))
    throw new GroupRequiredError()
  return { id: account.id, name: account.name, role: account.role }
}
