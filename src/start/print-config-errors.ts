import { ConfigError } from '../errors/errors.ts'

/** Prints start-up ConfigErrors without a stack trace: fastify-cli leaves them unhandled. */
process.on('unhandledRejection', (error) => {
  if (!(error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exit(1)
})
