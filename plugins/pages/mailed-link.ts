import type { FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { objectSchema } from '../../src/api/object-schema.ts'
import { services } from '../../src/open-services.ts'
import { cookieValues } from '../../src/sessions/cookie/cookie-header.ts'
import { sessionCookie } from '../../src/sessions/cookie/session-cookie.ts'
import { clearedCookie } from '../session/cookies.ts'

/** A page that people open by a link with a token, from a mail or from whoever ran the command. */
export interface MailedLink {
  /** For the route of the page. The line of a request in the log would have the token, so there is none. */
  readonly look: {
    readonly schema: { readonly querystring: object }
    readonly logLevel: 'warn'
    readonly preHandler: preHandlerAsyncHookHandler
  }
  /** What this browser followed last, whether or not it opens anything. */
  tokenOf(request: FastifyRequest): string | undefined
  /** Ends it in this browser, once it was used. */
  drop(reply: FastifyReply): void
}

export interface MailedLinkOptions {
  /** Of the page: `/reset`. The address of a link is `paths.pagesUrl`, then this, then `?token=`. */
  readonly path: string
  /** Of the cookie, behind that of the session. */
  readonly name: string
  /** How long a link can be used. */
  readonly lifetimeMilliseconds: number
}

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * A page for links. Looking at one spends nothing, because mail scanners and previews look too: GET and HEAD move the
     * token out of the address into a cookie, so that it is in no history and no Referer. Only a POST of the page spends it.
     * The redirect is a path: no header of a request chooses a host.
     */
    mailedLink(options: MailedLinkOptions): MailedLink
  }
}

const querystring = objectSchema({}, { token: {} })

export default fp(
  async (app) => {
    const { config, paths } = app[services]
    const { name: sessionName, attributes } = sessionCookie({ ...config, cookieDomain: undefined })

    app.decorate('mailedLink', ({ path, name: kind, lifetimeMilliseconds }: MailedLinkOptions) => {
      const name = `${sessionName}-${kind}`
      const cleared = clearedCookie(name, attributes)

      const preHandler: preHandlerAsyncHookHandler = async ({ query }, reply) => {
        const { token } = query as { token?: unknown }
        if (token === undefined) return
        const value = /^[\w-]{1,100}$/.test(`${token}`) ? `${token}` : ''
        const maxAge = Math.ceil(lifetimeMilliseconds / 1000)
        // Lax, because the link is followed from a mail or another site.
        reply.sendCookie({ ...attributes, sameSite: 'lax', maxAge, name, value })
        return reply.redirect(paths.ofPage(path), 303)
      }

      return {
        look: { schema: { querystring }, logLevel: 'warn', preHandler },
        tokenOf: ({ headers }) => cookieValues(headers.cookie, name, 1)[0],
        drop: (reply) => reply.sendCookie(cleared)
      }
    })
  },
  { name: 'latchkey-mailed-link', dependencies: ['latchkey-session'] }
)
