import cookie from '@fastify/cookie'
import session from '@fastify/session'
import fp from 'fastify-plugin'
import { CallbackStore } from '../src/sessions/callback-store.ts'
import { sessionCookie } from '../src/sessions/session-cookie.ts'

declare module 'fastify' {
  interface Session {
    /** The name of who is signed in. */
    user?: string
    /** Whether it lives by the remember-me lifetimes. */
    remember?: boolean
    /** When it was kept first, which for a signed-in one is the sign-in: milliseconds since 1970. */
    startedAt?: number
  }
}

/** `request.session`, kept in Redis or the embedded database. A visitor who stores nothing in it costs nothing. */
export default fp(
  async (app) => {
    const { config, sessions, secrets } = app.latchkey
    const { name, attributes } = sessionCookie(config)
    await app.register(cookie)
    await app.register(session, {
      secret: [...secrets],
      store: new CallbackStore(sessions),
      cookieName: name,
      // As express-session writes it, so that both can read one cookie.
      cookiePrefix: 's:',
      cookie: attributes,
      saveUninitialized: false,
      rolling: false
    })
  },
  { name: 'latchkey-session', dependencies: ['latchkey-assets'] }
)
