import type { FastifyInstance, FastifyRequest } from 'fastify'
import { services } from '../../src/open-services.ts'
import { sessionCookie, valuePrefix } from '../../src/sessions/cookie/session-cookie.ts'
import type { SessionToken } from '../../src/sessions/cookie/session-tokens.ts'
import { cookieThatCounts, withOneCookie } from '../../src/sessions/cookie/several-cookies.ts'

/**
 * Browsers send several cookies of one name after COOKIE_DOMAIN was changed, and where another host of the
 * domain sets one.
 * @returns a function that finds the session that counts; after it the request has at most one cookie of the name
 */
export function severalCookies(app: FastifyInstance) {
  const { config, sessions } = app[services]
  const { name } = sessionCookie(config)

  return async function choose({ headers }: FastifyRequest, first: SessionToken) {
    const found = await Promise.all(
      [first, ...first.others].map(async (token) => ({
        token,
        ...(await sessions.lookUp(token))
      }))
    )
    const chosen = cookieThatCounts(found)
    const former = found.find(({ isSuperseded }) => isSuperseded)
    const counting = chosen ?? former ?? { token: first, session: undefined }
    const others = found.filter(
      (cookie) => cookie !== counting && (cookie.session !== undefined || cookie.isSuperseded)
    )
    headers.cookie = withOneCookie(first.header, name, chosen && valuePrefix + chosen.token.signed)
    return { isSuperseded: false, ...counting, others: others.map(({ token }) => token.id) }
  }
}
