import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { firstAccountNote } from './administration/first-account-note.ts'
import { ConfigError } from './errors/errors.ts'
import { mailNote } from './mail/mail-target.ts'
import { load, loadAdministration, openServices, services } from './open-services.ts'
import { processClock } from './primitives/clock.ts'
import { serverOptions } from './server/server-options.ts'
import { cookieWarnings, gateWarnings, movedPasskeysWarning, textWarnings } from './settings/boot-warnings.ts'
import { type Config, readOwnConfig } from './settings/config.ts'
import { terminalNotes } from './settings/terminal-notes.ts'
import { METHODS } from './web/http.ts'
import { PublicPaths } from './web/public-paths.ts'

export interface AppOptions {
  /** Replaces the configuration from the environment. */
  readonly config?: Config
  /** A clock for the sessions in tests: milliseconds since 1970. */
  readonly now?: () => number
  /** `fastify start --prefix`, which is refused. */
  readonly prefix?: string
  /** `npm run dev`: adds pages for developers. */
  readonly dev?: boolean
}

/** Where the pages of administrators are. */
const administration = '/admin'

/** The server's options, for `fastify start --options`. */
export const options = serverOptions(readOwnConfig())

/** The service: configuration, then stores, then plugins/, then routes/. */
export default fp<AppOptions>(
  async (app, { config = readOwnConfig(), now = processClock, prefix, dev = false }) => {
    refusePrefix(prefix)
    const { outer } = new PublicPaths({ publicUrl: config.publicUrl, appPrefix: app.prefix })
    if (outer !== '') refusePagesAt(app, outer)
    await openServices(app, { config, home: '/dashboard', isOwnServer: true, admin: administration, now })
    for (const folder of ['plugins', 'plugins/pages', 'plugins/server']) await load(app, folder)
    takeEveryMethod(app)
    for (const folder of ['routes', 'routes/server', 'routes/api']) await load(app, folder)
    await loadAdministration(app, administration)
    if (dev) await load(app, 'routes/dev')
    app.addHook('onListen', async () => {
      warnOfSettings(app)
      await logAddress(app)
      await warnOfMovedPasskeys(app)
    })
  },
  { name: 'latchkey', fastify: '5.x' }
)

/** Envoy asks the gate with the method of the request: for a calendar or a shared folder that may be any. */
function takeEveryMethod(app: FastifyInstance): void {
  for (const method of METHODS) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method)
}

/** The service takes its path off each request itself: then it is one setting, and the proxy may take it off too. */
function refusePrefix(prefix = ''): void {
  if (prefix === '') return
  throw new ConfigError([
    `--prefix is ${prefix}, which the service ignores: set PUBLIC_URL to the address with its path`
  ])
}

/** Of a page and of the service, whichever the proxy leaves in an address: nobody could tell. */
function refusePagesAt(app: FastifyInstance, base: string): void {
  app.addHook('onRoute', ({ url }) => {
    if (url !== base && !url.startsWith(`${base}/`)) return
    throw new ConfigError([
      `PUBLIC_URL has the path ${base}, where the service has pages: choose another, such as /auth`
    ])
  })
}

function warnOfSettings(app: FastifyInstance): void {
  const { address } = app.server.address() as AddressInfo
  const exposure = { ...app[services].config, address }
  const warnings = [
    ...exposure.warnings,
    ...cookieWarnings(exposure),
    ...gateWarnings(exposure),
    ...textWarnings(app[services].languages)
  ]
  for (const warning of warnings) app[services].warn(warning)
  const note = mailNote(app[services].mail.target)
  if (note !== undefined) app.log.info(note)
}

async function warnOfMovedPasskeys(app: FastifyInstance): Promise<void> {
  const { config, passkeys, warn } = app[services]
  const former = await passkeys.formerDomain()
  if (former !== undefined) warn(movedPasskeysWarning(former, config))
}

/** Logs the address of the service, where to create the first account if there is none, and more at a terminal. */
async function logAddress(app: FastifyInstance): Promise<void> {
  const { config, paths } = app[services]
  const { port } = app.server.address() as AddressInfo
  const address = config.publicUrl ? paths.pagesUrl : `http://localhost:${port}${paths.pages}`
  app.log.info(`Latchkey is ready at ${address}`)
  const note = await firstAccountNote(app[services], `${address}/register`)
  if (note !== undefined) app.log.info(note)
  if (process.stdout.isTTY) for (const note of terminalNotes(config)) app.log.info(note)
}
