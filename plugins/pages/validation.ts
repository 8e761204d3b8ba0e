import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import fp from 'fastify-plugin'

/** Validates bodies without converting them. Fastify's default turns arrays and numbers into strings. */
export default fp(async (app) => void app.setValidatorCompiler(TypeBoxValidatorCompiler), {
  name: 'latchkey-validation'
})
