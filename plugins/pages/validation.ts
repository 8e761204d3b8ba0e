import { createRequire } from 'node:module'
import type { ErrorObject, ValidateFunction } from 'ajv'
import type { preValidationHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { NotFoundError } from '../../src/errors/errors.ts'
import { once } from '../../src/primitives/once.ts'

/** Each schema is compiled once in a process, however many apps it runs, if it is made outside of them. */
const ajv = once(() => {
  const { Ajv }: typeof import('ajv') = createRequire(import.meta.url)('ajv')
  return new Ajv({ allowUnionTypes: true })
})

/**
 * Validates bodies without converting them: Fastify's default turns arrays and numbers into strings. A schema is
 * compiled at the first request that it checks.
 */
export default fp(
  async (app) => {
    app.setValidatorCompiler(({ schema }) => compiledLater(schema))
    app.addHook('onRoute', (route) => {
      if (route.url.includes('/:')) route.preValidation = [refuseNull, route.preValidation ?? []].flat()
    })
  },
  { name: 'latchkey-validation' }
)

/** Nothing has an id or a name with a null character, and PostgreSQL takes none in a question. */
const refuseNull: preValidationHookHandler = ({ params }, _reply, done) => {
  const hasNull = Object.values(params as Record<string, string>).some((text) => text.includes('\0'))
  done(hasNull ? new NotFoundError() : undefined)
}

function compiledLater(schema: object) {
  const compiled = once((): ValidateFunction => ajv().compile(schema))
  /** Fastify reads the faults from the function. */
  function validate(data: unknown): boolean {
    const isValid = compiled()(data)
    validate.errors = compiled().errors ?? null
    return isValid
  }
  validate.errors = null as ErrorObject[] | null
  return validate
}
