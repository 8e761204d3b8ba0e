import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { StoredAccount } from '../../src/accounts/account.ts'
import type { Deed } from '../../src/administration/administration.ts'
import { NoSuchAccountError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'
import { addressIn } from '../../src/web/client-network.ts'
import { asAdministrator } from '../auth/options.ts'

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
    const { id, name: own } = await request.requireUser(asAdministrator)
    const who = await accounts.find(name)
    if (!who) throw new NoSuchAccountError(name)
    const by = { kind: 'account', id, name: own } as const
    return { who, deed: { by, address: addressIn(request.ip), reason } }
  }
}
