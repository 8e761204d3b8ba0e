import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { MailOffError, ThrottledError } from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Takes down who forgot a password, for the page and the API. Whoever it is, the work is the same: it is looked up after
     * the answer (ASVS 6.3.8). Every request of a network counts.
     * @param typed a name or an address
     * @throws {MailOffError} where nothing is sent by mail
     * @throws {ThrottledError} after too many requests from the network
     * @throws {BusyError} when too many wait to be looked up
     * @throws {StorageError} when it cannot be written down
     */
    askForReset(typed: string): Promise<void>
  }
}

export default fp(
  async (app) => {
    const { languages, resets, throttle } = app[services]

    async function askForReset(this: FastifyRequest, typed: string): Promise<void> {
      if (!resets.isOn) throw new MailOffError()
      const { ip: address, raw } = this
      const { locale: language } = languages.localizerOf(raw)
      const device = raw.headers['user-agent']
      const browser = this.sentDeviceCookies()
      const outcome = await throttle.guardReset(address, () =>
        resets.ask({ typed, address, device, browser, language })
      )
      if (!outcome.ok) throw new ThrottledError(outcome.retryAfterSeconds)
    }

    app.decorateRequest('askForReset', askForReset)
  },
  { name: 'latchkey-ask-for-reset', dependencies: ['latchkey-device-cookie'] }
)
