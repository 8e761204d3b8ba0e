import type { IncomingMessage } from 'node:http'
import { ConfigError } from '../errors/errors.ts'
import { isUpgrade, sourceOf } from '../web/cross-origin.ts'
import { parseOrigins } from '../web/trusted-origins.ts'
import { keepOneCookie } from './several-cookies.ts'
import type { Middleware } from './strict/middleware.ts'

export interface ForeignUpgradesOptions {
  readonly cookieName: string
  /** Other origins whose pages may open WebSockets with a session, as in TRUSTED_ORIGINS. */
  readonly trustedOrigins: readonly string[]
}

/**
 * A page of any origin may open a WebSocket, and browsers of one site send the session cookie with it. Such a
 * request gets no session: the cookie is taken out of it, because many programs ignore an error here.
 * @param session the session middleware
 * @throws {ConfigError} for an origin that no page can have
 */
export function withoutForeignUpgrades(session: Middleware, options: ForeignUpgradesOptions): Middleware {
  const trustedOrigins = read(options.trustedOrigins)
  return (req, res, next) => {
    if (isUpgrade(req.headers) && !comesFromHere(req, trustedOrigins))
      keepOneCookie(req, options.cookieName, undefined)
    session(req, res, next)
  }
}

function read(trustedOrigins: readonly string[]): string[] {
  try {
    return parseOrigins(trustedOrigins.join(','))
  } catch (error) {
    throw new ConfigError([`trustedOrigins ${error instanceof Error ? error.message : error}`])
  }
}

/**
 * By Sec-Fetch-Site, else by the origin's host and, where it is known, its scheme. No page can send
 * X-Forwarded-* with a WebSocket, so a proxy's are believed.
 */
function comesFromHere({ headers, socket }: IncomingMessage, trustedOrigins: readonly string[]): boolean {
  const { origin, referer } = headers
  const isEncrypted = Reflect.get(Object(socket), 'encrypted') === true
  const isHttp = (origin ?? referer ?? '').startsWith('http:')
  const protocol = isEncrypted
    ? 'https'
    : (firstOf(headers['x-forwarded-proto']) ?? (isHttp ? 'http' : 'https'))
  const signs = { site: headers['sec-fetch-site']?.toString(), origin, referer, protocol }
  return [headers.host, firstOf(headers['x-forwarded-host'])].some((host = '') => {
    const publicUrl = URL.canParse(`${protocol}://${host}`) ? new URL(`${protocol}://${host}`) : undefined
    return sourceOf({ ...signs, host }, { publicUrl, trustedOrigins }) === 'here'
  })
}

/** What the outermost of several proxies says. */
function firstOf(header: string | string[] | undefined): string | undefined {
  return header?.toString().split(',')[0]?.trim()
}
