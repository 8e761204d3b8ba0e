import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { allFactors } from '../../plugins/auth/options.ts'
import { nothing, refusals } from '../../src/api/answers.ts'
import { describeToken } from '../../src/api/descriptions.ts'
import { objectSchema } from '../../src/api/object-schema.ts'
import { MadeToken, TokenRequest, TokensList, tokenId } from '../../src/api/token-schemas.ts'
import { NotFoundError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'

const common = { tags: ['tokens'], security: [{ session: [] }] } as const
const params = objectSchema({ token: tokenId })

/** The user's tokens for programs, as the pages under /account/tokens have them. A token manages no tokens. */
const tokensApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { tokens } = app[services]
  const config = { pages: false } as const

  const list = {
    ...common,
    operationId: 'listTokens',
    summary: 'The user’s tokens for programs, the latest first',
    response: { 200: TokensList, ...refusals(401) }
  }
  app.get('/api/tokens', { config, schema: list }, async (request) => {
    const { id } = await request.requireUser({ account: true, factors: 1 })
    return { tokens: (await tokens.list(id)).map(describeToken) }
  })

  const make = {
    ...common,
    operationId: 'makeToken',
    summary: 'Make a token for a program',
    description:
      'Everything that the account is opened with must have been proved in the last ten minutes. The token is in this answer alone.',
    body: TokenRequest,
    response: { 201: MadeToken, ...refusals(400, 401) }
  }
  app.post('/api/tokens', { config, schema: make }, async (request, reply) => {
    const { id } = await request.requireUnchangedAccount(allFactors)
    const { tokenName: name, days, hosts = [], forApi = false } = request.body
    const asked = { name, days, forApi, hosts: hosts.join(' ') }
    const made = await tokens.make(id, asked, request.circumstances())
    if (!made.ok) throw made.error
    const { token: secret, details } = made
    await request.audit('token-make', { detail: details.name })
    return reply.code(201).send({ secret, token: details.id, tokenName: details.name })
  })

  const end = {
    ...common,
    operationId: 'endToken',
    summary: 'End one token',
    description: 'The password or a code must have been verified in the last ten minutes.',
    params,
    response: { 204: nothing, ...refusals(401, 404) }
  }
  app.delete('/api/tokens/:token', { config, schema: end }, async (request, reply) => {
    const { id } = await request.requireUser({ account: true, within: '10m', factors: 1 })
    const ended = await tokens.end(id, request.params.token, request.circumstances())
    if (!ended) throw new NotFoundError()
    await request.audit('token-end', { detail: ended.name })
    return reply.code(204).send(null)
  })
}

export default tokensApi
