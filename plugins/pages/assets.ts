import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { addressesIn, assetsFolder, cacheControl, plainAddress } from '../../src/branding/asset-addresses.ts'
import { services } from '../../src/open-services.ts'
import { concealsFile, containedFiles, leadsOut } from '../../src/primitives/contained-files.ts'

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
    const { paths, config } = app[services]
    const { views } = config
    const own = views && ownAssets(app, views)
    const root = own ? [own, ours] : [ours]
    const addresses = addressesIn(root)
    const current = new Set([...addresses.values()].map((address) => paths.ofPage(address)))
    app.decorate('assetAddress', (name: string) => paths.ofPage(addresses.get(name) ?? plainAddress(name)))

    await app.register(async (scope) => {
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, session: false }
      })
      scope.addHook('onSend', async (request, reply) => {
        if (reply.statusCode < 400)
          reply.header('cache-control', cacheControl(current.has(paths.ofRequest(request.url))))
      })
      await scope.register(fastifyStatic, {
        root,
        prefix: assetsFolder,
        cacheControl: false,
        decorateReply: false,
        dotfiles: 'ignore',
        // Asked for each folder in turn: what one conceals is not served from the other either.
        allowedPath: (name, folder) => folder === ours || !concealsFile(String(folder), name)
      })
    })
  },
  { name: 'latchkey-assets' }
)

/** The folder in VIEWS. What leads out of it is not served, and a style that is missing without a word is hard to find. */
function ownAssets({ log }: FastifyInstance, views: string): string | undefined {
  const folder = join(views, 'assets')
  if (!existsSync(folder)) return undefined
  const isOutside = leadsOut(views, folder)
  const links = isOutside ? [''] : containedFiles(folder).leadingOut
  for (const name of links) {
    log.warn(`${join(folder, name)} leads out of the folder and is not served: put a copy there.`)
  }
  return isOutside ? undefined : folder
}
