import type { SerializeOptions } from '@fastify/cookie'
import type { FastifyInstance, FastifyReply } from 'fastify'

export interface CookieToSend extends SerializeOptions {
  readonly name: string
  readonly value: string
}

declare module 'fastify' {
  interface FastifyReply {
    /** Adds a Set-Cookie header for a cookie of Latchkey, beside those of the app. */
    sendCookie(cookie: CookieToSend): void
  }
}

/** Independent of the app, which may use @fastify/cookie or not, with any options. */
export function addCookies(app: FastifyInstance, serialize: FastifyInstance['serializeCookie']): void {
  app.decorateReply(
    'sendCookie',
    function (this: FastifyReply, { name, value, ...attributes }: CookieToSend) {
      this.header('set-cookie', serialize(name, value, attributes))
    }
  )
}

/** @param attributes those it was set with: they identify the cookie for a browser (RFC 6265 §5.3) */
export function clearedCookie(name: string, attributes: SerializeOptions): CookieToSend {
  return { ...attributes, name, value: '', expires: new Date(0), maxAge: 0 }
}
