import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { assetAddress, cacheControl, plainAddress } from '../../src/branding/asset-addresses.ts'
import { styleOf, tinted } from '../../src/branding/branding.ts'
import { services } from '../../src/open-services.ts'

/** Data about the site: `it.site` in every view. */
export type Site = {
  readonly name: string
  /** The address of the logo. */
  readonly logo: string
  /** The address of a stylesheet with the site's colours; undefined for the default ones. */
  readonly style: string | undefined
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly site: Site
  }
}

/** Name, logo and colour of the site: SITE_NAME, SITE_LOGO and SITE_COLOR. */
export default fp(
  async (app) => {
    const { name, logo, color } = app[services].config.branding
    const style = color && serve(app, 'site.css', { type: 'text/css; charset=utf-8', body: styleOf(color) })
    app.decorate('site', { name, style, logo: serveLogo() })

    function serveLogo(): string {
      if (logo) {
        return serve(app, `site.${logo.kind}`, { type: logo.mediaType, body: readFileSync(logo.file) })
      }
      if (!color) return app.assetAddress('icon.svg')
      const icon = readFileSync(fileURLToPath(import.meta.resolve('#views/assets/icon.svg')), 'utf8')
      return serve(app, 'site.svg', { type: 'image/svg+xml', body: tinted(icon, color) })
    }
  },
  { name: 'latchkey-branding', dependencies: ['latchkey-assets'] }
)

/** Serves a public, cacheable file, as plugins/pages/assets.ts does. @returns its address */
function serve(app: FastifyInstance, name: string, { type, body }: { type: string; body: string | Buffer }) {
  const { paths } = app[services]
  const address = paths.ofPage(assetAddress(name, body))
  app.get(plainAddress(name), { config: { session: false } }, (request, reply) =>
    reply
      .type(type)
      .header('cache-control', cacheControl(paths.ofRequest(request.url) === address))
      .send(body)
  )
  return address
}
