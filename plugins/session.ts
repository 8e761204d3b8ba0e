import cookie from '@fastify/cookie'
import { fastifySession } from '@fastify/session'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { StorageError } from '../src/errors.ts'
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
  }
  interface FastifyRequest {
    /** Why the session is an empty one, where a route says `if-reachable`. */
    sessionFault: StorageError | null
  }
  interface FastifyContextConfig {
    /** false: no session, no cookie. `if-reachable`: an empty one, never kept, while the store is away. */
    session?: boolean | 'if-reachable'
  }
}

/** `request.session`, kept in Redis or the embedded database. A visitor who stores nothing in it costs nothing. */
export default fp(
  async (app) => {
    const { config, sessions, secrets } = app.latchkey
    const { name, attributes } = sessionCookie(config)
    await app.register(cookie)
    app.decorateRequest('sessionFault', null)
    await registerSession(onlyWhereWanted(app), {
      secret: [...secrets],
      store: new CallbackStore(sessions),
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

type Done = (error?: Error) => void

/** The same app, but hooks added through it do what a route's `session` says. */
function onlyWhereWanted(app: FastifyInstance): FastifyInstance {
  type Hook = (request: FastifyRequest, reply: FastifyReply, ...rest: Done[]) => void
  const addHook = (name: 'onRequest', hook: Hook) =>
    app.addHook(name, (request, reply, ...rest: Done[]) => {
      const { session } = request.routeOptions.config
      const done = rest.at(-1)
      if (session === false) done?.()
      else if (session === 'if-reachable' && done)
        hook(request, reply, ...rest.slice(0, -1), keepFault(request, done))
      else hook(request, reply, ...rest)
    })
  return Object.create(app, { addHook: { value: addHook }, decorate: { value: app.decorate.bind(app) } })
}

function keepFault(request: FastifyRequest, done: Done): Done {
  return (error) => {
    if (!(error instanceof StorageError)) return done(error)
    request.sessionFault = error
    done()
  }
}

function expiryOf({ expires }: { expires?: Date | null }) {
  return expires ? { expires } : {}
}
