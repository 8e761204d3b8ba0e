import formbody from '@fastify/formbody'
import type { FastifyInstance, preParsingHookHandler, preValidationHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { BadInputError } from '../../src/errors/errors.ts'
import { BodyTooLargeError } from '../../src/errors/request-errors.ts'
import { message } from '../../src/i18n/texts.ts'
import { isSafeRoute } from '../../src/web/safe-methods.ts'

const maxBytes = 64 * 1024
const maxFields = 100

/** Bodies are forms or JSON of limited size; any other type gets 415. */
export default fp(
  async (app) => {
    // Not for routes that read only: each stage of hooks costs a page a fiftieth.
    app.addHook('onRoute', (route) => {
      route.bodyLimit ??= maxBytes
      if (isSafeRoute(route)) return
      route.preParsing = [refuseLargeBody, route.preParsing ?? []].flat()
      route.preValidation = [refuseManyFields, route.preValidation ?? []].flat()
    })
    acceptFormsAndJsonOnly(app)
    // Fastify closes it when it cannot parse a body, of which more may come. To connect anew costs more than the refusal.
    app.addHook('onError', (request, reply, { code = '' }, done) => {
      if (request.raw.complete && code.startsWith('FST_ERR_CTP_')) reply.removeHeader('connection')
      done()
    })
    await app.register(formbody)
  },
  { name: 'latchkey-forms' }
)

/** Fastify would find the same, and makes an error with a stack trace. */
const refuseLargeBody: preParsingHookHandler = (request, _reply, _payload, done) => {
  const length = Number(request.headers['content-length'] ?? 0)
  done(length > maxBytes && length > request.routeOptions.bodyLimit ? new BodyTooLargeError() : null)
}

const refuseManyFields: preValidationHookHandler = ({ body }, _reply, done) => {
  const isTooMuch = countFields(body) > maxFields
  done(isTooMuch ? new BadInputError(message('input.tooManyFields', { most: maxFields })) : undefined)
}

/** A host app's own parsers are not affected: they apply outside these pages. */
function acceptFormsAndJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const parseJson = app.getDefaultJsonParser('error', 'error')
  // Some programs send Content-Type JSON with an empty body, for example to sign out.
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') done(null, undefined)
    else parseJson(request, text, done)
  })
}

function countFields(body: unknown): number {
  if (typeof body !== 'object' || body === null) return 0
  let fields = 0
  for (const value of Object.values(body)) fields += Array.isArray(value) ? value.length : 1
  return fields
}
