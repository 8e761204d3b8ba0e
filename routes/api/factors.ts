import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { asAdministrator } from '../../plugins/auth/options.ts'
import { refusals } from '../../src/api/answers.ts'
import { objectSchema } from '../../src/api/object-schema.ts'
import { DropReason, Ended } from '../../src/api/schemas.ts'
import { doneBy } from '../../src/audit/audit-event.ts'
import { BadInputError, NoSuchAccountError, OwnAccountError } from '../../src/errors/errors.ts'
import { reasonFault } from '../../src/factors/drop-reason.ts'
import { services } from '../../src/open-services.ts'
import { describeEnded } from '../../src/sessions/ended-count.ts'

const params = objectSchema({ name: { type: 'string', description: 'The name, in any spelling.' } })

/** Removes second factors, for somebody who has lost them. Administrators never add any, nor see them. */
const factorsApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { accounts, factors } = app[services]

  const drop = {
    ...{ tags: ['accounts'], security: [{ session: [] }], params, body: DropReason },
    operationId: 'dropSecondFactors',
    summary: 'Remove all second factors of an account and sign it out everywhere',
    description:
      'Two factors must have been proved in the last ten minutes. Nobody can do it to their own account. The account signs in with its password alone from then on.',
    response: { 200: Ended, ...refusals(400, 401, 403, 404, 409) }
  }
  app.post(
    '/api/accounts/:name/drop-factors',
    { config: { pages: false }, schema: drop },
    async (request) => {
      const own = await request.requireUser(asAdministrator)
      const account = await accounts.find(request.params.name)
      if (!account) throw new NoSuchAccountError(request.params.name)
      if (account.id === own.id) throw new OwnAccountError()
      const { reason } = request.body
      const fault = reasonFault(reason)
      if (fault) throw new BadInputError(fault)
      const dropped = await factors.dropAll(account.id, { reason, circumstances: request.circumstances(own) })
      if (!dropped) throw new NoSuchAccountError(request.params.name)
      await request.audit('factors-drop', { ...doneBy(own, account), reason })
      return describeEnded(dropped.sessionsEnded)
    }
  )
}

export default factorsApi
