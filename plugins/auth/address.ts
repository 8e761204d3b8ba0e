import type { FastifyInstance } from 'fastify'
import { isAccountId } from '../../src/identity/account-id.ts'
import { services } from '../../src/open-services.ts'
import type { SignedInUser } from '../../src/sessions/session-record.ts'

/** Adds the confirmed address, as it is now: no session has it. */
export function withAddress(app: FastifyInstance) {
  const { present } = app[services]

  return async function add(user: SignedInUser): Promise<SignedInUser> {
    const { email } = isAccountId(user.id) ? await present.factsOf(user.id) : {}
    return { ...user, ...(email !== undefined && { email }) }
  }
}
