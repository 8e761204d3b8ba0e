import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { administered } from '../../plugins/admin/administered.ts'
import { ofAccount, Reason } from '../../src/api/administration-schemas.ts'
import { nothing, refusals } from '../../src/api/answers.ts'
import { objectSchema } from '../../src/api/object-schema.ts'
import { Ended, handle } from '../../src/api/schemas.ts'
import { tokenId } from '../../src/api/token-schemas.ts'
import { NotFoundError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'
import { describeEnded } from '../../src/sessions/ended-count.ts'

const common = { tags: ['accounts'], security: [{ session: [] }, { token: [] }], body: Reason }
const description = 'Two factors must have been proved in the last ten minutes.'
const { name } = ofAccount.properties

/** Ends what somebody is signed in by, for administrators. */
const accountSessionsApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { administration } = app[services]
  const of = administered(app)
  const config = { pages: false, token: true }

  const endAll = {
    ...{ ...common, description, operationId: 'endSessionsOfAccount', params: ofAccount },
    summary: 'Sign somebody out everywhere',
    response: { 200: Ended, ...refusals(400, 401, 403, 404) }
  }
  app.delete('/api/accounts/:name/sessions', { config, schema: endAll }, async (request) => {
    const { who, deed } = await of(request, request.params.name, request.body?.reason)
    return describeEnded((await administration.endSessions(who, deed)).sessionsEnded)
  })

  const endOne = {
    ...{ ...common, description, operationId: 'endSessionOfAccount' },
    summary: 'End one session of somebody',
    params: objectSchema({ name, id: handle }),
    response: { 204: nothing, ...refusals(400, 401, 403, 404) }
  }
  app.delete('/api/accounts/:name/sessions/:id', { config, schema: endOne }, async (request, reply) => {
    const { who, deed } = await of(request, request.params.name, request.body?.reason)
    if (!(await administration.endSession(who, request.params.id, deed))) throw new NotFoundError()
    return reply.code(204).send(null)
  })

  const endToken = {
    ...{ ...common, description, operationId: 'endTokenOfAccount' },
    summary: 'End a token of somebody',
    params: objectSchema({ name, id: tokenId }),
    response: { 204: nothing, ...refusals(400, 401, 403, 404) }
  }
  app.delete('/api/accounts/:name/tokens/:id', { config, schema: endToken }, async (request, reply) => {
    const { who, deed } = await of(request, request.params.name, request.body?.reason)
    if (!(await administration.endToken(who, request.params.id, deed))) throw new NotFoundError()
    return reply.code(204).send(null)
  })

  const endTokens = {
    ...{ ...common, description, operationId: 'endTokensOfAccount', params: ofAccount },
    summary: 'End all tokens of somebody',
    response: { 204: nothing, ...refusals(400, 401, 403, 404) }
  }
  app.delete('/api/accounts/:name/tokens', { config, schema: endTokens }, async (request, reply) => {
    const { who, deed } = await of(request, request.params.name, request.body?.reason)
    await administration.endTokens(who, deed)
    return reply.code(204).send(null)
  })
}

export default accountSessionsApi
