import './start/node-version.cjs'

import type { FastifyInstance, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'

// Their additions to Fastify's types, for users of the library.
export type {} from '@fastify/session'
export type {} from '../plugins/ask-for-reset.ts'
export type {} from '../plugins/audit.ts'
export type {} from '../plugins/auth/index.ts'
export type {} from '../plugins/change-password.ts'
export type {} from '../plugins/device-cookie.ts'
export type {} from '../plugins/email-address.ts'
export type {} from '../plugins/factors.ts'
export type {} from '../plugins/forwarded.ts'
export type {} from '../plugins/gate/index.ts'
export type {} from '../plugins/gate-headers.ts'
export type {} from '../plugins/may-register.ts'
export type {} from '../plugins/negotiation.ts'
export type {} from '../plugins/notices.ts'
export type {} from '../plugins/open-connections.ts'
export type {} from '../plugins/own-account.ts'
export type {} from '../plugins/pending-sign-in.ts'
export type {} from '../plugins/register.ts'
export type {} from '../plugins/register-by-mail.ts'
export type {} from '../plugins/rename.ts'
export type {} from '../plugins/renew-session.ts'
export type {} from '../plugins/return-path.ts'
export type {} from '../plugins/session/cookies.ts'
export type {} from '../plugins/session/cross-site.ts'
export type {} from '../plugins/session/failed-request.ts'
export type {} from '../plugins/session/index.ts'
export type {} from '../plugins/session/opened-session.ts'
export type {} from '../plugins/session/request-session.ts'
export type {} from '../plugins/session/save-session.ts'
export type {} from '../plugins/session/sent-cookie.ts'
export type {} from '../plugins/session/session-data.ts'
export type {} from '../plugins/sign-in.ts'
export type {} from '../plugins/sign-in-path.ts'
export type {} from '../plugins/use-token.ts'
export type {} from '../plugins/verify-code.ts'
export type {} from '../plugins/verify-credentials.ts'
export type {} from '../plugins/verify-passkey.ts'
export type {} from '../plugins/verify-password.ts'
export type {} from '../plugins/web-sockets.ts'

import { firstAccountNote } from './administration/first-account-note.ts'
import { ConfigError, LatchkeyError } from './errors/errors.ts'
import { load, loadAdministration, openServices, services } from './open-services.ts'
import { type LatchkeyOptions, readOptions } from './settings/options.ts'

export type { RequireUserOptions } from '../plugins/auth/index.ts'
export type { RegistrationOutcome } from '../plugins/register.ts'
export type { NewNameRequest, RenameOutcome } from '../plugins/rename.ts'
export type { SignInOptions } from '../plugins/sign-in.ts'
export type { Account } from './accounts/account.ts'
export type { Credentials } from './accounts/accounts.ts'
export * from './errors/errors.ts'
export type { AccountDetails, AccountsForApps, DetailsChanged, Latchkey } from './library/for-apps.ts'
export type { SessionSummary } from './sessions/session-summary.ts'
export type { LatchkeyOptions } from './settings/options.ts'

const everything = /./
const errorsAlone = /^\/errors\./

type ErrorHandler = NonNullable<RouteOptions['errorHandler']>

/**
 * Sign-in for a Fastify app. All its routes get `request.requireUser()`, `request.session`, `reply.signIn()`
 * and `reply.signOut()`, and refuse changes that pages of other sites send, unless their `config` has
 * `crossSite: true`. Error handler, headers, parsers and views apply to Latchkey's own pages only (/login,
 * /register, /logout, /confirm …).
 *
 * With a `prefix` its pages are under that path, and the app's own routes have the session too. In a scope of the app
 * that has a prefix, both are there, the cookie's path is that prefix, and other scopes may have a Latchkey of their own.
 *
 * Register it with `await`, so that later routes answer when `requireUser` finds nobody.
 * @throws {ConfigError} with all faults of the options, one sentence each
 */
export default fp<LatchkeyOptions>(
  async (
    app,
    { pages = true, home = '/', prefix = '', admin, keepAtSignIn = [], errors = 'latchkey', ...settings }
  ) => {
    const appPrefix = app.prefix
    const config = readOptions({ pages, home, prefix, appPrefix, admin, keepAtSignIn, errors, ...settings })
    refuseOtherSessions(app)
    await openServices(app, { config, home, prefix, admin, keepAtSignIn })
    await load(app, 'plugins')
    const errorHandler = await addPages(app, { pages, prefix, admin })
    if (pages && config.registration === 'first') app.addHook('onListen', () => tellOfFirstAccount(app))
    app.addHook('onRoute', (route) => {
      route.errorHandler ??= errors === 'host' ? passOn : onlyOurs(errorHandler)
    })
  },
  { name: 'latchkey', fastify: '5.x' }
)

function refuseOtherSessions(app: FastifyInstance): void {
  if (!app.hasRequestDecorator('session')) return
  throw new ConfigError([
    'request.session is there already: Latchkey brings it, so leave out the other plugin that does'
  ])
}

/**
 * In a scope of their own, so that nothing affects the app's routes. @returns the handler for Latchkey's
 * errors
 */
async function addPages(
  app: FastifyInstance,
  { pages, prefix, admin }: { pages: boolean; prefix: string; admin: string | undefined }
): Promise<ErrorHandler> {
  const { promise, resolve } = Promise.withResolvers<ErrorHandler>()
  await app.register(
    async (scope) => {
      await load(scope, 'plugins/pages', pages ? everything : errorsAlone)
      if (pages) await load(scope, 'routes')
      if (admin !== undefined) await loadAdministration(scope, admin)
      resolve(scope.errorHandler)
    },
    { prefix }
  )
  return promise
}

/** Behind a proxy nobody can be first without what this logs. */
async function tellOfFirstAccount(app: FastifyInstance): Promise<void> {
  const { paths } = app[services]
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const note = await firstAccountNote(app[services], paths.urlOfPage('/register', port))
  if (note !== undefined) app.log.info(note)
}

/** The app's own handler gets every error: of a request that failed and cannot save its session, the second. */
const passOn: ErrorHandler = (error, { saveError, log }) => {
  if (saveError) log.error(error)
  throw saveError ?? error
}

/** Passes any other error on to the app's own handler, unless the session of that request cannot be saved. */
function onlyOurs(answer: ErrorHandler): ErrorHandler {
  return function (error, request, reply) {
    if ((request.saveError ?? error) instanceof LatchkeyError) return answer.call(this, error, request, reply)
    throw error
  }
}
