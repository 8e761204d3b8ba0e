import type { FastifyInstance } from 'fastify'
import { GroupRequiredError } from '../../src/errors/errors.ts'
import { isAccountId } from '../../src/identity/account-id.ts'
import { nameKey } from '../../src/identity/names.ts'
import { services } from '../../src/open-services.ts'
import type { SignedInUser } from '../../src/sessions/session-record.ts'

/** By what the account is now, never by what the session says. */
export function groupMembership(app: FastifyInstance) {
  const { present } = app[services]

  /** @throws {GroupRequiredError} */
  return async function mustBeIn({ id }: SignedInUser, group: string | readonly string[]): Promise<void> {
    const account = isAccountId(id) ? await present.find(id) : undefined
    if (![group].flat().some((name) => account?.groupKeys.has(nameKey(name)))) throw new GroupRequiredError()
  }
}
