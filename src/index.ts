import './start/node-version.ts'

import type { FastifyInstance, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'

// What they add to Fastify's own types, for whoever imports this.
export type {} from '@fastify/session'
export type {} from '../plugins/audit.ts'
export type {} from '../plugins/auth.ts'
export type {} from '../plugins/change-password.ts'
export type {} from '../plugins/device-cookie.ts'
export type {} from '../plugins/forwarded.ts'
export type {} from '../plugins/negotiation.ts'
export type {} from '../plugins/session/cookies.ts'
export type {} from '../plugins/session/cross-site.ts'
export type {} from '../plugins/session/request-session.ts'
export type {} from '../plugins/session/sent-cookie.ts'
export type {} from '../plugins/sign-in.ts'
export type {} from '../plugins/verify-password.ts'

import { ConfigError, LatchkeyError } from './errors/errors.ts'
import { load, openServices } from './open-services.ts'
import { type LatchkeyOptions, readOptions } from './settings/options.ts'

export type { RequireUserOptions } from '../plugins/auth.ts'
export type { SignInOptions } from '../plugins/sign-in.ts'
export type { Account } from './accounts/account.ts'
export type { Accounts, Credentials } from './accounts/accounts.ts'
export * from './errors/errors.ts'
export type { Latchkey } from './open-services.ts'
export type { SessionSummary } from './sessions/session-summary.ts'
export type { Sessions } from './sessions/sessions.ts'
export type { LatchkeyOptions } from './settings/options.ts'

const everything = /./
const errorsAlone = /^\/errors\./

type ErrorHandler = NonNullable<RouteOptions['errorHandler']>

/**
 * Sign-in for an app. Every route of it gets `request.requireUser()`, `request.session`, `reply.signIn()` and
 * `reply.signOut()`, and refuses to change anything for a page of another site unless its `config` says
 * `crossSite: true`. Our pages (/login, /register, /logout, /confirm …) keep their error handler, headers,
 * parsers and views to themselves.
 *
 * Register it with `await`, so that the routes after it know what to do when `requireUser` finds nobody.
 * @throws {ConfigError} with every fault of the options, one sentence each
 */
export default fp<LatchkeyOptions>(
  async (app, { pages = true, home = '/', keepAtSignIn = [], ...settings }) => {
    const config = readOptions({ home, keepAtSignIn, ...settings })
    refuseOtherSessions(app)
    await openServices(app, { config, home, keepAtSignIn })
    await load(app, 'plugins')
    const errorHandler = await addPages(app, pages)
    app.addHook('onRoute', (route) => {
      route.errorHandler ??= onlyOurs(errorHandler)
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

/** In a scope of their own, so that nothing in it reaches the app's own routes. @returns what answers our errors */
async function addPages(app: FastifyInstance, pages: boolean): Promise<ErrorHandler> {
  const { promise, resolve } = Promise.withResolvers<ErrorHandler>()
  await app.register(async (scope) => {
    await load(scope, 'plugins/pages', pages ? everything : errorsAlone)
    if (pages) await load(scope, 'routes')
    resolve(scope.errorHandler)
  })
  return promise
}

/** Any other error goes on to the app's own handler. */
function onlyOurs(answer: ErrorHandler): ErrorHandler {
  return function (error, request, reply) {
    if (error instanceof LatchkeyError) return answer.call(this, error, request, reply)
    throw error
  }
}
