import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { SignedInAs } from '../src/accounts/account.ts'
import type { Circumstances } from '../src/mail/notices.ts'
import { services } from '../src/open-services.ts'
import { cookieValues } from '../src/sessions/cookie/cookie-header.ts'
import { sessionCookie } from '../src/sessions/cookie/session-cookie.ts'
import { maxCookies } from '../src/sessions/cookie/several-cookies.ts'

const yearSeconds = 365 * 24 * 60 * 60

declare module 'fastify' {
  interface FastifyRequest {
    /** The device cookies as they were sent: there are several if other hosts of the domain have set one. */
    sentDeviceCookies(): readonly string[]
    /**
     * The id of this browser for that user, by its cookie, whether or not it counts any more. Only where others have
     * signed in, and this user has not by the present name, a store is asked.
     * @param name of the account, or its address
     */
    claimedDevice(name: string): Promise<string | undefined>
    /** The id of this browser for that user, if the user signed in from it with the present password. */
    deviceFor(name: string): Promise<string | undefined>
    /** Set by a sign-in: the value of the device cookie for the response. */
    newDeviceCookie?: string
    /**
     * From now on the user, if there is an account, is known in this browser.
     * @param circumstances of a sign-in: the owner of the account is told if the browser was not known
     * @returns whether it was known
     */
    rememberDevice(account: SignedInAs, circumstances?: Circumstances): Promise<boolean>
  }
  interface FastifyReply {
    /** Sets the device cookie of this browser, after the session cookie was set. */
    setDeviceCookie(value: string): void
  }
}

/** The device cookie, which stays after sign-out: see DeviceCookies. It is never shared with other apps. */
export default fp(
  async (app) => {
    const { browsers, config, devices } = app[services]
    const { name: sessionName, attributes } = sessionCookie({ ...config, cookieDomain: undefined })
    const cookieName = `${sessionName}-browser`

    function sentDeviceCookies(this: FastifyRequest): readonly string[] {
      return cookieValues(this.headers.cookie, cookieName, maxCookies)
    }

    async function claimedDevice(this: FastifyRequest, name: string): Promise<string | undefined> {
      return browsers.claimed(name, this.sentDeviceCookies())
    }

    async function deviceFor(this: FastifyRequest, name: string): Promise<string | undefined> {
      return browsers.known(name, this.sentDeviceCookies())
    }

    async function rememberDevice(
      this: FastifyRequest,
      account: SignedInAs,
      circumstances?: Circumstances
    ): Promise<boolean> {
      const { name } = account
      const claimed = await this.claimedDevice(name)
      const id = await devices.remember(account, claimed, circumstances)
      if (id !== undefined) this.newDeviceCookie = browsers.add(name, id, this.sentDeviceCookies())
      return id !== undefined && id === claimed
    }

    function setDeviceCookie(this: FastifyReply, value: string): void {
      this.sendCookie({ ...attributes, name: cookieName, value, maxAge: yearSeconds })
    }

    app.decorateRequest('sentDeviceCookies', sentDeviceCookies)
    app.decorateRequest('claimedDevice', claimedDevice)
    app.decorateRequest('deviceFor', deviceFor)
    app.decorateRequest('rememberDevice', rememberDevice)
    app.decorateReply('setDeviceCookie', setDeviceCookie)
  },
  { name: 'latchkey-device-cookie', dependencies: ['latchkey-notices', 'latchkey-session'] }
)
