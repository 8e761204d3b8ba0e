import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import fp from 'fastify-plugin'
import { addressesIn, assetsFolder, cacheControl, plainAddress } from '../../src/branding/asset-addresses.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The address of an asset with its version: `it.asset` in every view. */
    assetAddress(name: string): string
  }
}

/**
 * Stylesheet, script and icon under /assets/latchkey/. They need no session store, and cacheable responses
 * carry no cookie. After an upgrade a changed file has a new address.
 */
export default fp(
  async (app) => {
    const ours = dirname(fileURLToPath(import.meta.resolve('#views/assets/style.css')))
    const { views } = app.latchkey.config
    const root = views ? [join(views, 'assets'), ours].filter(existsSync) : [ours]
    const addresses = addressesIn(root)
    const current = new Set(addresses.values())
    app.decorate('assetAddress', (name: string) => addresses.get(name) ?? plainAddress(name))

    await app.register(async (scope) => {
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, session: false }
      })
      scope.addHook('onSend', async (request, reply) => {
        if (reply.statusCode < 400) reply.header('cache-control', cacheControl(current.has(request.url)))
      })
      await scope.register(fastifyStatic, {
        root,
        prefix: assetsFolder,
        cacheControl: false,
        decorateReply: false
      })
    })
  },
  { name: 'latchkey-assets' }
)
