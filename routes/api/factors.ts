import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { administered } from '../../plugins/admin/administered.ts'
import { LinkRequest, MadeLink, ofAccount, Reason } from '../../src/api/administration-schemas.ts'
import { nothing, refusals } from '../../src/api/answers.ts'
import { DropReason, Ended } from '../../src/api/schemas.ts'
import { AccountDisabledError, MailOffError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'
import { describeEnded } from '../../src/sessions/ended-count.ts'

const common = { tags: ['accounts'], security: [{ session: [] }], params: ofAccount }
const proofs =
  'Two factors must have been proved in the last ten minutes. Nobody can do it to their own account.'

/** For somebody who has lost what they sign in with. Administrators never choose a password or add a factor, nor see them. */
const factorsApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { administration, mail, paths } = app[services]
  const of = administered(app)
  const config = { pages: false }

  const drop = {
    ...{ ...common, body: DropReason, operationId: 'dropSecondFactors' },
    summary: 'Remove all second factors of an account and sign it out everywhere',
    description: `${proofs} The account signs in with its password alone from then on.`,
    response: { 200: Ended, ...refusals(400, 401, 403, 404, 409) }
  }
  app.post('/api/accounts/:name/drop-factors', { config, schema: drop }, async (request) => {
    const { who, deed } = await of(request, request.params.name, request.body.reason)
    return describeEnded((await administration.dropFactors(who, deed)).sessionsEnded)
  })

  const link = {
    ...{ ...common, body: LinkRequest, operationId: 'makeLink' },
    summary: 'Make a link by which somebody chooses a new password',
    description: `${proofs} Whoever has the link can choose the password, within an hour: give it to its owner alone.`,
    response: { 201: MadeLink, ...refusals(400, 401, 403, 404, 409) }
  }
  const mailLink = {
    ...{ ...common, body: Reason, operationId: 'mailLink' },
    summary: 'Mail somebody a link to choose a new password',
    description:
      'Two factors must have been proved in the last ten minutes. It goes to the confirmed address.',
    response: { 204: nothing, ...refusals(400, 401, 403, 404, 409) }
  }
  app.post('/api/accounts/:name/mail-link', { config, schema: mailLink }, async (request, reply) => {
    const { who, deed } = await of(request, request.params.name, request.body?.reason)
    if (!mail.isOn) throw new MailOffError()
    await administration.mailLink(who, deed)
    return reply.code(204).send(null)
  })

  app.post('/api/accounts/:name/link', { config, schema: link }, async (request, reply) => {
    const { reason, dropFactors } = request.body ?? {}
    const { who, deed } = await of(request, request.params.name, reason)
    const made = await administration.makeLink(who, deed, { dropFactors })
    if (!made) throw new AccountDisabledError(who.name)
    const origin = paths.pagesUrl.startsWith('http') ? '' : `${request.protocol}://${request.host}`
    const url = `${origin}${paths.pagesUrl}/reset?token=${made.token}`
    return reply.code(201).send({ url, linkEndsAt: made.expiresAt.toISOString() })
  })
}

export default factorsApi
