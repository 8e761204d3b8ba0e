import { hash } from 'node:crypto'
import type { Statements } from '../database/all-or-nothing.ts'
import { widerNetworkOf } from '../web/client-network.ts'
import type { MailData, Template } from './message.ts'
import { noPostbox, type Postbox } from './outbox.ts'

/** Who made a change, and from where. */
export interface Circumstances {
  /** If it was not the owner of the account. */
  readonly by?: { readonly kind: 'command' } | { readonly kind: 'account'; readonly name: string } | undefined
  /** The IP address. */
  readonly address?: string | undefined
  /** The User-Agent, as it was sent. */
  readonly device?: string | undefined
  /** Why, if it was not the owner. */
  readonly reason?: string | undefined
}

/** What happened, and what its mail has to say besides whose account it was, when, and under which circumstances. */
export interface Notice
  extends Omit<MailData, 'name' | 'at' | 'by' | 'administrator' | 'address' | 'device'> {
  readonly template: Template
  /**
   * Of several within six hours that say the same of one network one is sent: what somebody repeats must flood nobody, and
   * what the owner did must hide nothing that a thief does.
   */
  readonly isRare?: boolean
}

/** Later nobody needs to be told any more. */
const usefulMilliseconds = 7 * 24 * 60 * 60 * 1000
const rareMilliseconds = 6 * 60 * 60 * 1000
/**
 * So many of one kind in that time tell an owner that somebody is at it. Whoever has the password, or a session, makes
 * thousands of sign-ins or tokens, and would hide one of them among as many mails.
 */
const often = { mails: 10, milliseconds: 6 * 60 * 60 * 1000 }
/** In UTF-16 units. */
const longestDevice = 256

export interface NoticesOptions {
  readonly postbox: Postbox
  /** Those that the operator has turned off. */
  readonly silenced?: ReadonlySet<Template>
  readonly now?: () => number
}

/**
 * Tells people what happens to their accounts. Whatever changes an account says so in the transaction of the change, and
 * always: here it is decided whether a mail is written.
 */
export class Notices {
  readonly #postbox: Postbox
  readonly #silenced: ReadonlySet<Template>
  readonly #now: () => number

  constructor({ postbox, silenced = new Set(), now = Date.now }: NoticesOptions) {
    this.#postbox = postbox
    this.#silenced = silenced
    this.#now = now
  }

  /** Whether it is worth a transaction to tell somebody of this. */
  tells(template: Template): boolean {
    return this.#postbox.isOn && !this.#silenced.has(template)
  }

  /** Tells the owner of an account, after the change; of a removal before it. */
  *tell(
    { id, name }: { readonly id: string; readonly name: string },
    { template, isRare, ...more }: Notice,
    circumstances: Circumstances = {}
  ): Statements<void> {
    if (!this.tells(template)) return
    const now = this.#now()
    const data = { name, ...inMail(circumstances, now), ...more }
    const outlivesAccount = template === 'account-removed'
    yield* this.#postbox.post({
      template,
      account: id,
      data,
      expiresAt: now + usefulMilliseconds,
      outlivesAccount,
      // What administrators do floods nobody.
      atMost: circumstances.by ? undefined : { mails: often.mails, since: now - often.milliseconds },
      once: isRare
        ? `${template} ${id} ${Math.floor(now / rareMilliseconds)} ${whatOf(more, circumstances)}`
        : undefined
    })
  }
}

/** Of two the same, if they say the same of one network. */
function whatOf(more: Partial<Notice>, { address = '' }: Circumstances): string {
  return hash('sha256', JSON.stringify([more, widerNetworkOf(address)]), 'base64url').slice(0, 22)
}

/** As mails have them. @param now when it is done, in milliseconds since 1970 */
export function inMail({ by, address, device, reason }: Circumstances, now: number): MailData {
  return {
    at: new Date(now).toISOString(),
    // Where an administrator sits is nobody else's business.
    ...(!by && { address, device: device?.slice(0, longestDevice) }),
    by: by && (by.kind === 'command' ? 'command' : 'administrator'),
    administrator: by?.kind === 'account' ? by.name : undefined,
    reason: by && reason
  }
}

/** Where nobody is told anything. */
export const noNotices = new Notices({ postbox: noPostbox })
