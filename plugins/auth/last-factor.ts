import type { FastifyInstance } from 'fastify'
import { BadInputError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import type { Role } from '../../src/identity/roles.ts'
import { needsSecondFactor } from '../../src/identity/second-factor.ts'
import { services } from '../../src/open-services.ts'

/**
 * @returns what refuses to remove the last second factor where SECOND_FACTOR asks for one: else whoever knows the password could
 * set the next one up
 */
export function lastFactor(app: FastifyInstance) {
  const { config } = app[services]

  /** @throws {BadInputError} */
  return function mayGo({ isLast, role }: { readonly isLast: boolean; readonly role: Role }): void {
    if (isLast && needsSecondFactor(config.secondFactor, role))
      throw new BadInputError(message('account.security.lastNeeded'))
  }
}
