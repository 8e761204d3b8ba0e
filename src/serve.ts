import './start/preload.ts'
import closeWithGrace from 'close-with-grace'
import Fastify from 'fastify'
import { ConfigError } from './errors/errors.ts'
import { readEnvironment } from './settings/environment.ts'
import { listenOptions } from './start/listen-options.ts'

/** How long a stop waits for requests in flight, in milliseconds. */
const longestStop = 10_000

/**
 * `npm start`: what `fastify start --options --close-grace-delay 10000 src/app.ts` does, without the rest of
 * fastify-cli, which takes a tenth of the start to load. Not awaited, so that its errors are printed as
 * print-config-errors.ts does.
 */
async function serve(words: readonly string[]): Promise<void> {
  if (words.length > 0)
    throw new ConfigError([`"npm start" takes no options, and has ${words.join(' ')}: use the settings`])
  const { default: service, options } = await import('./app.ts')
  const app = Fastify(options)
  await app.register(service)
  const { uninstall } = closeWithGrace({ delay: longestStop }, async ({ err }) => {
    if (err) app.log.error(err)
    await app.close()
  })
  app.addHook('onClose', async () => uninstall())
  await app.listen(listenOptions(readEnvironment()))
}

void serve(process.argv.slice(2))
