import { ConfigError } from '../errors/errors.ts'

/**
 * What fastify-cli lets fall while starting, Node would put into a crash frame; of wrong settings there are
 * only the sentences to read.
 */
process.on('unhandledRejection', (error) => {
  if (!(error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exit(1)
})
