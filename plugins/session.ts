import cookie from '@fastify/cookie'
import { fastifySession } from '@fastify/session'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { CallbackStore, isKept } from '../src/sessions/callback-store.ts'
import { sessionCookie, valuePrefix } from '../src/sessions/session-cookie.ts'

declare module 'fastify' {
  interface Session {
    /** The name of who is signed in. */
    user?: string
    /** Whether it lives by the remember-me lifetimes. */
    remember?: boolean
    /** When it was kept first, which for a signed-in one is the sign-in: milliseconds since 1970. */
    startedAt?: number
    /** Where the sign-in came from: an IP address. */
    address?: string
    /** The User-Agent of the browser that signed in, cut to 256 characters. */
    userAgent?: string
  }
  interface FastifyContextConfig {
    /** false: a route that neither loads a session nor sets a cookie. */
    session?: boolean
  }
}

/** `request.session`, kept in Redis or the embedded database. A visitor who stores nothing in it costs nothing. */
export default fp(
  async (app) => {
    const { config, sessions, secrets } = app.latchkey
    const { name, attributes } = sessionCookie(config)
    const store = new CallbackStore({ sessions, requestOf })
    await app.register(cookie)
    await registerSession(onlyWhereWanted(app), {
      secret: [...secrets],
      store,
      idGenerator: (request) => store.newId(request ?? {}),
      cookieName: name,
      cookiePrefix: valuePrefix,
      cookie: { ...attributes },
      saveUninitialized: false,
      rolling: false
    })
    app.addHook('onSend', mendCookie)

    /**
     * Two things @fastify/session does to a cookie that is not the one it would send: it clears one signed
     * with an older secret, and it clears without Secure, which browsers refuse for a `__Host-` name.
     */
    async function mendCookie({ cookies, session }: FastifyRequest, reply: FastifyReply): Promise<void> {
      const sent = cookies?.[name]
      if (!session?.encryptedSessionId || sent === undefined || session.isSaved()) return
      const current = valuePrefix + session.encryptedSessionId
      if (sent === current) return
      if (isKept(session)) reply.setCookie(name, current, { ...attributes, ...expiryOf(session.cookie) })
      else reply.clearCookie(name, attributes)
    }
  },
  { name: 'latchkey-session' }
)

type Options = Parameters<typeof fastifySession>[1]

function registerSession(app: FastifyInstance, options: Options): Promise<void> {
  return new Promise((resolve, reject) => {
    fastifySession(app, options, (error) => (error ? reject(error) : resolve()))
  })
}

/** @fastify/session keeps it under a symbol of its own. */
function requestOf(session: object): FastifyRequest {
  const symbol = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'request')
  return Reflect.get(session, symbol ?? 'request')
}

/** The same app, but hooks added through it leave out the routes that say `session: false`. */
function onlyWhereWanted(app: FastifyInstance): FastifyInstance {
  type Hook = (request: FastifyRequest, reply: FastifyReply, ...rest: (() => void)[]) => void
  const addHook = (name: 'onRequest', hook: Hook) =>
    app.addHook(name, (request, reply, ...rest) => {
      if (request.routeOptions.config.session === false) rest.at(-1)?.()
      else hook(request, reply, ...rest)
    })
  return Object.create(app, { addHook: { value: addHook }, decorate: { value: app.decorate.bind(app) } })
}

function expiryOf({ expires }: { expires?: Date | null }) {
  return expires ? { expires } : {}
}
