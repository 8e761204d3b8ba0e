import { Ajv } from 'ajv'
import fp from 'fastify-plugin'

/** Each schema is compiled once in a process, however many apps it runs, if it is made outside of them. */
const ajv = new Ajv({ allowUnionTypes: true })

/** Validates bodies without converting them. Fastify's default turns arrays and numbers into strings. */
export default fp(async (app) => void app.setValidatorCompiler(({ schema }) => ajv.compile(schema)), {
  name: 'latchkey-validation'
})
