import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Account } from '../src/accounts/account.ts'
import { isByMail } from '../src/accounts/registration.ts'
import { BadInputError, RegistrationClosedError, ThrottledError } from '../src/errors/errors.ts'
import { addressKey, checkAddress } from '../src/identity/email-address.ts'
import { services } from '../src/open-services.ts'

/** An address that was given, and whether a link is on its way there, which says nothing of who has the address. */
export interface GivenAddress {
  readonly address: string
  readonly isMailed: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Takes down an address for which somebody wants an account. Whether it has one, has none or was asked for before, the
     * work is the same: it is looked up after the answer (ASVS 6.3.8). Every request of a network counts.
     * @throws {RegistrationClosedError} where accounts are not made by mail
     * @throws {BadInputError} when it is no address
     * @throws {ThrottledError} after too many from the network
     * @throws {BusyError} when too many wait to be looked up
     * @throws {StorageError} when it cannot be written down
     */
    askForAccount(typed: string): Promise<void>
    /**
     * Mails a link to the address that somebody named who has just registered. Nothing of it fails: the account is there.
     * @param address checked
     */
    confirmNewAccount(account: Account, address: string): Promise<GivenAddress>
  }
}

/** Addresses at registration: REGISTRATION_EMAIL. */
export default fp(
  async (app) => {
    const { addresses, config, languages, resets, throttle } = app[services]

    async function askForAccount(this: FastifyRequest, typed: string): Promise<void> {
      if (!isByMail(config)) throw new RegistrationClosedError()
      const checked = checkAddress(typed)
      if (!checked.ok) throw new BadInputError(checked.reason)
      const { ip: address, raw } = this
      const { locale: language } = languages.localizerOf(raw)
      const device = raw.headers['user-agent']
      const asked = { typed: checked.address, address, device, language, kind: 'registration' } as const
      const run = () => resets.ask(asked).then(() => ({ ok: true }) as const)
      const step = { run, counts: () => true }
      const outcome = await throttle.guardRegistration(address, step, checked.key)
      if (!outcome.ok) throw new ThrottledError(outcome.retryAfterSeconds, 'mail')
    }

    async function confirmNewAccount(
      this: FastifyRequest,
      { id, verifiedState }: Account,
      address: string
    ): Promise<GivenAddress> {
      if (!verifiedState) return { address, isMailed: false }
      const from = { ...this.circumstances(), language: languages.localizerOf(this.raw).locale }
      const ask = () => addresses.ask(verifiedState, address, from)
      try {
        const to = addressKey(address) ?? ''
        const asked = { from: id, to, address: this.ip, atRegistration: true }
        const { ok: isMailed } = await throttle.guardMail(asked, ask)
        return { address, isMailed }
      } catch (error) {
        this.log.warn(`No link was mailed to the address of a new account: ${error}`)
        return { address, isMailed: false }
      }
    }

    app.decorateRequest('askForAccount', askForAccount)
    app.decorateRequest('confirmNewAccount', confirmNewAccount)
  },
  { name: 'latchkey-register-by-mail', dependencies: ['latchkey-session', 'latchkey-notices'] }
)
