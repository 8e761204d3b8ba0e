import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BadInputError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'

const maxBytes = 64 * 1024
const maxFields = 100

/** Bodies are forms or JSON of limited size; any other type gets 415. */
export default fp(
  async (app) => {
    app.addHook('onRoute', (route) => {
      route.bodyLimit ??= maxBytes
    })
    acceptFormsAndJsonOnly(app)
    await app.register(formbody)
    app.addHook('preValidation', ({ body }, _reply, done) => {
      const isTooMuch = countFields(body) > maxFields
      done(isTooMuch ? new BadInputError(message('input.tooManyFields', { most: maxFields })) : undefined)
    })
  },
  { name: 'latchkey-forms' }
)

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
  return typeof body === 'object' && body !== null ? Object.values(body).flat().length : 0
}
