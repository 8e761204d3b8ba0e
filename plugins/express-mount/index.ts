import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ConfigError } from '../../src/errors/errors.ts'
import type { Middleware } from '../../src/express/strict/middleware.ts'
import { sessionCookie } from '../../src/sessions/cookie/session-cookie.ts'
import { runExpressApp } from './run-express-app.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Puts an Express app, or a router, under a path. Its requests have the same session, as express-session has it;
     * a session middleware of its own steps aside. What the app does not answer goes on to the routes here.
     * @throws {ConfigError} when the package @fastify/express is not installed, or this is an encapsulated part of
     * the server: an Express app sees all requests, and those that nobody knows reach the outermost part only
     */
    mountExpress(path: string, handler: Middleware): Promise<void>
  }
}

const outermostOnly =
  'app.mountExpress was called inside a plugin: call it on the server itself, or wrap the plugin in fastify-plugin'

type Words = Parameters<Middleware>
/** Express knows it by its four parameters. */
type OnError = (error: unknown, req: Words[0], res: Words[1], next: Words[2]) => void

/** Express apps inside: they move here one path at a time, and nobody is signed out. */
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

/** express-session with the cookie of this service, which begins with what the request has loaded already. */
async function sessionFor(app: FastifyInstance, requestOf: (raw: IncomingMessage) => FastifyRequest) {
  const { makeSession } = await import('../../src/express/session.ts')
  const { LatchkeyStore } = await import('../../src/express/store/latchkey-store.ts')
  const { config, sessions, secrets } = app.latchkey
  const { name, attributes } = sessionCookie(config)
  const store = new LatchkeyStore(sessions)
  const cookie = { ...attributes }
  const options = { store, name, cookie, secret: [...secrets], resave: false, saveUninitialized: false }
  const session = makeSession(options)
  const enter: Middleware = (req, res, next) => {
    const { sentCookie } = requestOf(req)
    store.withLoaded(sentCookie && (sentCookie.session ?? null), () => session(req, res, next))
  }
  return enter
}

async function fastifyExpress() {
  try {
    const { default: plugin } = await import('@fastify/express')
    return plugin
  } catch {
    throw new ConfigError(['app.mountExpress needs @fastify/express: type "npm install @fastify/express"'])
  }
}

function missing(): never {
  throw new Error('This request did not come through Fastify.')
}
