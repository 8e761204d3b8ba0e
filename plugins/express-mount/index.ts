import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ConfigError } from '../../src/errors/errors.ts'
import type { Middleware } from '../../src/express/strict/middleware.ts'
import { services } from '../../src/open-services.ts'
import { sessionCookie } from '../../src/sessions/cookie/session-cookie.ts'
import { runExpressApp } from './run-express-app.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Mounts an Express app, or a router, under a path, with the same session as `req.session`. Its own
     * session middleware does nothing. Requests that it does not answer go on to Fastify's routes.
     * @throws {ConfigError} when the package @fastify/express is not installed, or in an encapsulated
     * context: an Express app sees all requests, but unmatched ones reach only the root context
     */
    mountExpress(path: string, handler: Middleware): Promise<void>
  }
}

const outermostOnly =
  'app.mountExpress was called inside a plugin: call it on the server itself, or wrap the plugin in fastify-plugin'

type Words = Parameters<Middleware>
/** Express recognises an error handler by its four parameters. */
type OnError = (error: unknown, req: Words[0], res: Words[1], next: Words[2]) => void

/** Mounts Express apps, so that an app can move here route by route without signing anybody out. */
export default fp(
  async (app) => {
    app.decorate('mountExpress', async function (this: FastifyInstance, path, handler) {
      if (this !== app) throw new ConfigError([outermostOnly])
      const requests = new WeakMap<object, FastifyRequest>()
      const requestOf = (raw: IncomingMessage): FastifyRequest => requests.get(raw) ?? missing()
      this.addHook('onRequest', (request, _reply, done) => {
        requests.set(request.raw, request)
        done()
      })
      if (!this.hasDecorator('express')) await this.register(await fastifyExpress())
      const enter = await sessionFor(app, requestOf)
      const leave: Middleware = (req, _res, next) => {
        runExpressApp(app, requestOf(req), req).then(() => next(), next)
      }
      const leaveWithError: OnError = (error, req, _res, next) => {
        runExpressApp(app, requestOf(req), req).then(() => next(error), next)
      }
      this.use(path, [enter, handler, leave, leaveWithError])
    })
  },
  { name: 'latchkey-express-mount', dependencies: ['latchkey-session'] }
)

/** express-session with this service's cookie; it starts with the session that the request has loaded. */
async function sessionFor(app: FastifyInstance, requestOf: (raw: IncomingMessage) => FastifyRequest) {
  const { makeSession } = await import('../../src/express/session.ts')
  const { LatchkeyStore } = await import('../../src/express/store/latchkey-store.ts')
  const { config, paths, present, sessions, secrets } = app[services]
  const { name, attributes } = sessionCookie(config)
  const store = Object.assign(new LatchkeyStore(sessions), { paths, presentAccounts: async () => present })
  const cookie = { ...attributes }
  const options = { store, name, cookie, secret: [...secrets], resave: false, saveUninitialized: false }
  const session = makeSession(options)
  const enter: Middleware = (req, res, next) => {
    // As browsers have it: by this path express-session tells whether they send its cookie.
    req.originalUrl = paths.ofRequest(req.originalUrl)
    const { sentCookie } = requestOf(req)
    // Of a session that has another id by now the store has to hear itself.
    const loaded = sentCookie?.isSuperseded ? undefined : sentCookie && (sentCookie.session ?? null)
    store.withLoaded(loaded, () => session(req, res, next))
  }
  return enter
}

async function fastifyExpress() {
  try {
    const { default: plugin } = await import('@fastify/express')
    return plugin
  } catch {
    throw new ConfigError([
      'app.mountExpress needs @fastify/express: type "npm install --save-prod @fastify/express"'
    ])
  }
}

function missing(): never {
  throw new Error('This request did not come through Fastify.')
}
