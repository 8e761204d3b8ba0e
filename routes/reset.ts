import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { clearedCookie } from '../plugins/session/cookies.ts'
import { objectSchema, string } from '../src/api/object-schema.ts'
import { BadInputError, LinkInvalidError } from '../src/errors/errors.ts'
import { linkLifetimeMilliseconds } from '../src/factors/links.ts'
import { services } from '../src/open-services.ts'
import { cookieValues } from '../src/sessions/cookie/cookie-header.ts'
import { sessionCookie } from '../src/sessions/cookie/session-cookie.ts'

const query = objectSchema({}, { token: {} })
const body = objectSchema({ password: string })

/**
 * A new password by a link. Looking at it spends nothing, because programs look at links too. It takes the token out of the
 * address, so that it is in no history and no Referer.
 */
const reset: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { accounts, config, links, paths, throttle } = app[services]
  const { name: sessionName, attributes } = sessionCookie({ ...config, cookieDomain: undefined })
  const name = `${sessionName}-reset`
  // A line of the log would have the token with its address.
  const look = { schema: { querystring: query }, logLevel: 'warn' } as const

  app.get('/reset', look, async (request, reply) => {
    const { token } = request.query
    if (token !== undefined) return keep(reply, `${token}`)
    const found = await links.find(tokenOf(request))
    if (!found) throw new LinkInvalidError()
    const { name: user } = found.account
    return request.acceptsHtml ? form(reply, { user, ...found }) : { user, passwordMinLength }
  })

  app.post('/reset', { schema: { body } }, async (request, reply) => {
    const token = tokenOf(request)
    const found = await links.find(token)
    const used = await links.use(token, { password: request.body.password, address: request.ip })
    if (!found || !used) throw new LinkInvalidError()
    const { name: user, id: account } = found.account
    if (!used.ok) return refuse(reply, { user, ...found, error: new BadInputError(used.reason) })
    await throttle.reset({ name: user, account })
    await request.audit('link-use', { name: user, account, session: undefined })
    reply.sendCookie(clearedCookie(name, attributes))
    return request.acceptsHtml ? reply.page('reset-done', { ...found, signedInAs: undefined }) : { user }
  })

  const { passwordMinLength } = accounts

  /** Lax, because the link is followed from a mail or another site. */
  function keep(reply: FastifyReply, token: string) {
    const maxAge = linkLifetimeMilliseconds / 1000
    const value = /^[\w-]{1,100}$/.test(token) ? token : ''
    reply.sendCookie({ ...attributes, sameSite: 'lax', maxAge, name, value })
    return reply.redirect(paths.ofPage('/reset'), 303)
  }

  function tokenOf({ headers }: FastifyRequest): string | undefined {
    return cookieValues(headers.cookie, name, 1)[0]
  }

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
