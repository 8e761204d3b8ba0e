import { createRequire } from 'node:module'
import type { ErrorObject, ValidateFunction } from 'ajv'
import fp from 'fastify-plugin'
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
export default fp(async (app) => void app.setValidatorCompiler(({ schema }) => compiledLater(schema)), {
  name: 'latchkey-validation'
})

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
