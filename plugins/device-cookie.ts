import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { cookieValue } from '../src/sessions/cookie/cookie-header.ts'
import { sessionCookie } from '../src/sessions/cookie/session-cookie.ts'
import { DeviceCookies } from '../src/throttle/device-cookies.ts'

const yearSeconds = 365 * 24 * 60 * 60

declare module 'fastify' {
  interface FastifyRequest {
    /** What tells this browser from others, if the person signed in from it before or is signed in now. */
    deviceFor(name: string): string | undefined
    /** Who signed in just now, and is known in this browser from now on. */
    newDeviceOwner?: string
  }
  interface FastifyReply {
    /** Has this browser known as one that this person signed in from: after the session's cookie, when that is set. */
    setDeviceCookie(name: string): void
  }
}

/** A cookie that stays when people sign out: see DeviceCookies. No app beside this one ever gets it. */
export default fp(
  async (app) => {
    const { config, sessions, secrets } = app.latchkey
    const { name: sessionName, attributes } = sessionCookie({ ...config, cookieDomain: undefined })
    const cookieName = `${sessionName}-browser`
    const browsers = new DeviceCookies(secrets)

    function deviceFor(this: FastifyRequest, name: string): string | undefined {
      const id = browsers.deviceOf(name, cookieValue(this.headers.cookie, cookieName))
      if (id !== undefined || this.sessionData.user !== name) return id
      return sessions.handleOf(this.session.sessionId)
    }

    function setDeviceCookie(this: FastifyReply, name: string): void {
      const value = browsers.add(name, cookieValue(this.request.headers.cookie, cookieName))
      this.sendCookie({ ...attributes, name: cookieName, value, maxAge: yearSeconds })
    }

    app.decorateRequest('deviceFor', deviceFor)
    app.decorateReply('setDeviceCookie', setDeviceCookie)
  },
  { name: 'latchkey-device-cookie', dependencies: ['latchkey-session'] }
)
