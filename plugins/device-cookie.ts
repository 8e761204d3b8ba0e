import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { cookieValue } from '../src/sessions/cookie/cookie-header.ts'
import { sessionCookie } from '../src/sessions/cookie/session-cookie.ts'
import { DeviceCookies } from '../src/throttle/device-cookies.ts'

const yearSeconds = 365 * 24 * 60 * 60

declare module 'fastify' {
  interface FastifyRequest {
    /** The id of this browser, if the user signed in from it before or is signed in now. */
    deviceFor(name: string): string | undefined
    /** Set by a sign-in: the user to add to the device cookie. */
    newDeviceOwner?: string
  }
  interface FastifyReply {
    /** Adds the user to the device cookie of this browser, after the session cookie was set. */
    setDeviceCookie(name: string): void
  }
}

/** The device cookie, which stays after sign-out: see DeviceCookies. It is never shared with other apps. */
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
