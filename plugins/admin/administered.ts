import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { StoredAccount } from '../../src/accounts/account.ts'
import type { Deed } from '../../src/administration/deed.ts'
import { NoSuchAccountError } from '../../src/errors/errors.ts'
import type { Owner } from '../../src/identity/owner-key.ts'
import { services } from '../../src/open-services.ts'
import { addressIn } from '../../src/web/client-network.ts'
import { asAdministrator, looking } from '../auth/options.ts'

/** What a request of the API does as an administrator. */
export interface Administered {
  /** To whom. */
  readonly who: StoredAccount
  readonly deed: Deed
}

/**
 * @returns what looks up whom a request is about, by any spelling of the name, and who makes it
 * @throws {RoleRequiredError}, what is missing of the proofs, {NoSuchAccountError}, {StorageError}
 */
export function administered(app: FastifyInstance) {
  const { accounts } = app[services]

  return async (request: FastifyRequest, name: string, reason?: string): Promise<Administered> => {
    const deed = await apiDeed(request, reason)
    const who = await accounts.find(name)
    if (!who) throw new NoSuchAccountError(name)
    return { who, deed }
  }
}

/** What a request of the API changes. @throws {RoleRequiredError}, what is missing of the proofs */
export async function apiDeed(request: FastifyRequest, reason?: string): Promise<Deed> {
  return deedBy(await request.requireUser(asAdministrator), request, reason)
}

/** @param own the administrator */
export function deedBy({ id, name }: Owner, request: FastifyRequest, reason?: string): Deed {
  return { by: { kind: 'account', id, name }, address: addressIn(request.ip), reason }
}

/**
 * Lets an administrator read in the API, with all factors that the account has, as on the pages. So does a token: nobody makes
 * one without them.
 * @throws {RoleRequiredError}, what is missing of the proofs
 */
export async function mustBeReader(request: FastifyRequest): Promise<void> {
  await request.requireUser({ role: 'admin' })
  if (!request.usedToken) await request.requireUser(looking)
}
