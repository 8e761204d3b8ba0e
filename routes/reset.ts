import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { objectSchema, string } from '../src/api/object-schema.ts'
import { BadInputError, LinkInvalidError } from '../src/errors/errors.ts'
import { linkLifetimeMilliseconds } from '../src/factors/links.ts'
import { services } from '../src/open-services.ts'

const body = objectSchema({ password: string })

/** A new password by a link: see mailedLink. */
const reset: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { accounts, links, throttle } = app[services]
  const lifetimeMilliseconds = linkLifetimeMilliseconds
  const { look, tokenOf, drop } = app.mailedLink({ path: '/reset', name: 'reset', lifetimeMilliseconds })

  app.get('/reset', look, async (request, reply) => {
    const found = await links.find(tokenOf(request))
    if (!found) throw new LinkInvalidError()
    const { name: user } = found.account
    return request.acceptsHtml ? form(reply, { user, ...found }) : { user, passwordMinLength }
  })

  app.post('/reset', { schema: { body } }, async (request, reply) => {
    const token = tokenOf(request)
    const found = await links.find(token)
    const { password } = request.body
    const used = await links.use(token, { password, circumstances: request.circumstances() })
    if (!found || !used) throw new LinkInvalidError()
    const { name: user, id: account } = found.account
    if (!used.ok) return refuse(reply, { user, ...found, error: new BadInputError(used.reason) })
    await throttle.reset({ name: user, account })
    await request.audit('link-use', { name: user, account, session: undefined })
    drop(reply)
    return request.acceptsHtml ? reply.page('reset-done', { ...found, signedInAs: undefined }) : { user }
  })

  const { passwordMinLength } = accounts

  function refuse(reply: FastifyReply, filledIn: { error: BadInputError; [field: string]: unknown }) {
    if (!reply.request.acceptsHtml) throw filledIn.error
    return form(reply.refuse(filledIn.error), filledIn)
  }

  /** Whoever is signed in here may be somebody else. */
  function form(reply: FastifyReply, filledIn: object) {
    return reply.page('reset', { passwordMinLength, error: null, ...filledIn, signedInAs: undefined })
  }
}

export default reset
