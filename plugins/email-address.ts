import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { StoredAccount } from '../src/accounts/account.ts'
import type { DoneFrom } from '../src/accounts/email-address-store.ts'
import type { AddressUndone } from '../src/accounts/email-addresses.ts'
import {
  AddressLinkInvalidError,
  type LatchkeyError,
  MailOffError,
  SignInUndoneError,
  ThrottledError
} from '../src/errors/errors.ts'
import { addressKey } from '../src/identity/email-address.ts'
import { services } from '../src/open-services.ts'
import { recentlyProved } from './factors.ts'

export type AddressAsked =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly error: LatchkeyError }

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Mails a link to a new address of the account that is signed in, all of whose factors were proved lately (ASVS 7.5.1).
     * The outcome is the same if another account has the address.
     */
    askForAddress(typed: string): Promise<AddressAsked>
    /**
     * Sets the address of a link, for the account that is signed in: whoever reads somebody's mail cannot tie the mailbox to
     * an account of others. Records it in the audit trail.
     * @throws {AddressLinkInvalidError} when the link opens nothing, or is another account's
     * @throws what refuses the address
     */
    confirmAddress(token: string | undefined): Promise<StoredAccount>
    /** Removes the address of the account that is signed in. @throws as `requireUser`, and what refuses it */
    removeAddress(): Promise<void>
    /** Sets an address back by the link that it got. @throws {AddressLinkInvalidError} */
    undoAddress(token: string | undefined): Promise<AddressUndone>
  }
}

/** The e-mail address of an account, for the pages and the API. */
export default fp(
  async (app) => {
    const { addresses, languages, throttle } = app[services]

    function fromHere(request: FastifyRequest): DoneFrom {
      return { ...request.circumstances(), language: languages.localizerOf(request.raw).locale }
    }

    async function askForAddress(this: FastifyRequest, typed: string): Promise<AddressAsked> {
      const account = await this.requireUnchangedAccount(recentlyProved)
      if (!addresses.isPossible) return { ok: false, error: new MailOffError() }
      const checked = addresses.check(account, typed)
      if (!checked.ok) return checked
      const { address } = checked
      const ask = () => addresses.ask(account, address, fromHere(this))
      const asked = { from: account.id, to: addressKey(address) ?? '', address: this.ip }
      const outcome = await throttle.guardMail(asked, ask)
      if (!outcome.ok) return { ok: false, error: new ThrottledError(outcome.retryAfterSeconds, 'mail') }
      return checked
    }

    async function confirmAddress(this: FastifyRequest, token: string | undefined): Promise<StoredAccount> {
      const { id } = await this.requireUser({ account: true })
      const confirmed = await addresses.confirm(token, id, fromHere(this))
      if (!confirmed) throw new AddressLinkInvalidError()
      if (!confirmed.ok) throw confirmed.error
      await this.audit('address-change')
      return confirmed.account
    }

    async function removeAddress(this: FastifyRequest): Promise<void> {
      const account = await this.requireUnchangedAccount(recentlyProved)
      if (account.email === undefined) return
      const removed = await addresses.remove(account, fromHere(this))
      if (!removed) throw new SignInUndoneError()
      if (!removed.ok) throw removed.error
      await this.audit('address-change')
    }

    async function undoAddress(this: FastifyRequest, token: string | undefined): Promise<AddressUndone> {
      const undone = await addresses.undo(token, fromHere(this))
      if (!undone) throw new AddressLinkInvalidError()
      const { name, id: account } = undone.account
      await this.audit('address-undo', { name, account, session: undefined })
      return undone
    }

    app.decorateRequest('askForAddress', askForAddress)
    app.decorateRequest('confirmAddress', confirmAddress)
    app.decorateRequest('removeAddress', removeAddress)
    app.decorateRequest('undoAddress', undoAddress)
  },
  { name: 'latchkey-email-address', dependencies: ['latchkey-own-account', 'latchkey-notices'] }
)
