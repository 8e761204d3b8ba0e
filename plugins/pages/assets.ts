import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { addressesIn, assetsFolder, cacheControl, plainAddress } from '../../src/branding/asset-addresses.ts'
import { services } from '../../src/open-services.ts'
import { concealsFile, containedFiles, containsFile, leadsOut } from '../../src/primitives/contained-files.ts'
import { fileResponse } from '../../src/web/file-response.ts'

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
      scope.get<{ Params: { '*': string } }>(`${assetsFolder}*`, async (request, reply) => {
        const { '*': name } = request.params
        // What an own folder conceals is not served from ours either.
        const folder =
          own && concealsFile(own, name) ? undefined : root.find((each) => containsFile(each, name))
        if (folder === undefined) return reply.callNotFound()
        const { status, headers, body } = fileResponse(join(folder, name), request.headers)
        return reply.code(status).headers(headers).send(body?.())
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
