import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import fp from 'fastify-plugin'

/** Checks bodies as they are. Fastify by default would turn arrays and numbers into strings first. */
export default fp(async (app) => void app.setValidatorCompiler(TypeBoxValidatorCompiler), {
  name: 'latchkey-validation'
})
