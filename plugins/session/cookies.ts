import type { SerializeOptions } from '@fastify/cookie'
import type { FastifyInstance, FastifyReply } from 'fastify'

export interface CookieToSend extends SerializeOptions {
  readonly name: string
  readonly value: string
}

declare module 'fastify' {
  interface FastifyReply {
    /** Adds a Set-Cookie header, beside those of the app: for the cookies of Latchkey. */
    sendCookie(cookie: CookieToSend): void
  }
}

/** It takes nothing from the app, which may have @fastify/cookie or not, with whatever options. */
export function addCookies(app: FastifyInstance, serialize: FastifyInstance['serializeCookie']): void {
  app.decorateReply(
    'sendCookie',
    function (this: FastifyReply, { name, value, ...attributes }: CookieToSend) {
      this.header('set-cookie', serialize(name, value, attributes))
    }
  )
}

/** @param attributes those it was set with: by them a browser knows which cookie is meant (RFC 6265 §5.3) */
export function clearedCookie(name: string, attributes: SerializeOptions): CookieToSend {
  return { ...attributes, name, value: '', expires: new Date(0), maxAge: 0 }
}
