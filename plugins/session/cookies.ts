import type { SerializeOptions } from '@fastify/cookie'
import type { FastifyInstance, FastifyReply } from 'fastify'

export interface CookieToSend extends SerializeOptions {
  readonly name: string
  readonly value: string
}

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Adds a Set-Cookie header for a cookie of Latchkey, beside those of the app. It replaces an earlier one
     * for the same cookie: browsers may take them in any order (RFC 6265 §4.1.1).
     */
    sendCookie(cookie: CookieToSend): void
  }
}

/** Independent of the app, which may use @fastify/cookie or not, with any options. */
export function addCookies(app: FastifyInstance, serialize: FastifyInstance['serializeCookie']): void {
  const clearing = new WeakMap<CookieToSend, string>()

  /** A cookie that is cleared is the same in each response. */
  function lineOf(cookie: CookieToSend): string {
    const known = clearing.get(cookie)
    if (known !== undefined) return known
    const { name, value, ...attributes } = cookie
    const line = serialize(name, value, attributes)
    if (value === '') clearing.set(cookie, line)
    return line
  }

  app.decorateReply('sendCookie', function (this: FastifyReply, cookie: CookieToSend) {
    const { name } = cookie
    const line = lineOf(cookie)
    const others = [this.getHeader('set-cookie') ?? []]
      .flat()
      .filter((set) => !`${set}`.startsWith(`${name}=`) || !isSameCookie(`${set}`, line))
    if (others.length > 0) this.removeHeader('set-cookie')
    this.header('set-cookie', others.length > 0 ? [...others, line] : line)
  })
}

/** Name, domain and path identify a cookie (RFC 6265 §5.3). */
function isSameCookie(one: string, other: string): boolean {
  return identityOf(one) === identityOf(other)
}

function identityOf(line: string): string {
  const [pair = '', ...attributes] = line.split(/; */)
  const place = attributes.map((each) => each.toLowerCase()).filter((each) => /^(path|domain)=/.test(each))
  return [pair.slice(0, pair.indexOf('=')), ...place.sort()].join(';')
}

/** @param attributes those it was set with: they identify the cookie for a browser (RFC 6265 §5.3) */
export function clearedCookie(name: string, attributes: SerializeOptions): CookieToSend {
  return { ...attributes, name, value: '', expires: new Date(0), maxAge: 0 }
}
