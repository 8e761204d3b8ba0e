import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { SignedInAs } from '../src/accounts/account.ts'
import type { Circumstances } from '../src/mail/notices.ts'
import { services } from '../src/open-services.ts'
import { cookieValues } from '../src/sessions/cookie/cookie-header.ts'
import { sessionCookie } from '../src/sessions/cookie/session-cookie.ts'
import { maxCookies } from '../src/sessions/cookie/several-cookies.ts'
import { DeviceCookies } from '../src/throttle/device-cookies.ts'

const yearSeconds = 365 * 24 * 60 * 60

declare module 'fastify' {
  interface FastifyRequest {
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
    const { config, devices, secrets } = app[services]
    const { name: sessionName, attributes } = sessionCookie({ ...config, cookieDomain: undefined })
    const cookieName = `${sessionName}-browser`
    const cookies = new DeviceCookies(secrets)

    async function claimedDevice(this: FastifyRequest, name: string): Promise<string | undefined> {
      const sent = sentCookie(this, name)
      const id = cookies.deviceOf(name, sent)
      if (id !== undefined || !cookies.hasAny(sent)) return id
      const others = await devices.otherNames(name)
      return others.map((other) => cookies.deviceOf(other, sentCookie(this, other))).find(Boolean)
    }

    async function deviceFor(this: FastifyRequest, name: string): Promise<string | undefined> {
      const id = await this.claimedDevice(name)
      return id !== undefined && (await devices.isKnown(name, id)) ? id : undefined
    }

    async function rememberDevice(
      this: FastifyRequest,
      account: SignedInAs,
      circumstances?: Circumstances
    ): Promise<boolean> {
      const { name } = account
      const sent = sentCookie(this, name)
      const claimed = await this.claimedDevice(name)
      const id = await devices.remember(account, claimed, circumstances)
      if (id !== undefined) this.newDeviceCookie = cookies.add(name, id, sent)
      return id !== undefined && id === claimed
    }

    /** Another host of the domain may have set one of the name: that of the user counts. */
    function sentCookie({ headers }: FastifyRequest, name: string): string | undefined {
      const values = cookieValues(headers.cookie, cookieName, maxCookies)
      return values.find((value) => cookies.deviceOf(name, value) !== undefined) ?? values[0]
    }

    function setDeviceCookie(this: FastifyReply, value: string): void {
      this.sendCookie({ ...attributes, name: cookieName, value, maxAge: yearSeconds })
    }

    app.decorateRequest('claimedDevice', claimedDevice)
    app.decorateRequest('deviceFor', deviceFor)
    app.decorateRequest('rememberDevice', rememberDevice)
    app.decorateReply('setDeviceCookie', setDeviceCookie)
  },
  { name: 'latchkey-device-cookie', dependencies: ['latchkey-notices', 'latchkey-session'] }
)
