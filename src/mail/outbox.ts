import type { Kysely } from '#vendor/kysely'
import { run, type Statements } from '../database/all-or-nothing.ts'
import type { Tables } from '../database/tables.ts'
import type { KeyRing, Place } from '../encryption/key-ring.ts'
import { newId } from '../primitives/new-id.ts'
import { widerNetworkOf } from '../web/client-network.ts'
import type { NewMail } from './message.ts'

export interface OutboxOptions {
  readonly db: Kysely<Tables>
  readonly keys: KeyRing
  /** Whether there is anything that sends it. */
  readonly isOn: boolean
  readonly now?: () => number
  /** Called when something was written. Its transaction may not be committed yet. */
  readonly onPost?: () => void
}

/** So many former addresses are told of a change, the earliest: a thief's come later. Nobody has hundreds written to at once. */
const maxFormer = 5

/** Where more is to be sent than can be, what one network causes takes a turn in such a time. */
const networkTurnMilliseconds = 60_000
/** And what is for nobody who has an account lets everything pass that is posted within that time. */
const strangersWaitMilliseconds = 60 * 60_000

/** What stores get that tell people of what they change. */
export type Postbox = Pick<Outbox, 'isOn' | 'post'>

/** Where no mail is. */
export const noPostbox: Postbox = {
  isOn: false,
  *post() {
    yield* []
    return 0
  }
}

interface Recipient {
  readonly address: string
  /** Undefined for the one whose message has the `once` itself. */
  readonly former?: string
}

/** Where mail is posted. Mail needs a key in DATA_KEYS: without one, nothing is written. */
export class Outbox {
  readonly #db: Kysely<Tables>
  readonly #keys: KeyRing
  readonly #now: () => number
  readonly #onPost: () => void
  /** Whether a message is written, and will be sent. Pages promise mail only then. */
  readonly isOn: boolean

  constructor({ db, keys, isOn, now = Date.now, onPost = () => {} }: OutboxOptions) {
    this.#db = db
    this.#keys = keys
    this.#now = now
    this.#onPost = onPost
    this.isOn = isOn && keys.currentId !== undefined
  }

  /**
   * Writes a message into the outbox: in a transaction, so `yield*` it after the statements that it tells of. Nothing is
   * written where mail is off, where the account has no confirmed address and none is given, where its `once` was
   * written already, or where the account has had too many.
   * @returns how many were written
   */
  *post(message: NewMail): Statements<number> {
    if (!this.isOn) return 0
    const { account, to } = message
    const found = account === undefined ? undefined : yield* this.#addressOf(account)
    const recipients = to === undefined ? yield* this.#recipientsOf(account, found?.email) : [{ address: to }]
    const left = recipients.length > 0 ? yield* this.#leftOf(message, recipients.length) : 0
    if (left <= 0) return 0
    const data = left === 1 ? { ...message.data, isLast: 'yes' as const } : message.data
    let written = 0
    for (const recipient of recipients)
      if (yield* this.#write({ ...message, data }, recipient, found?.language ?? null)) written += 1
    if (written > 0) this.#onPost()
    return written
  }

  /** @returns how many more the account may have. @param copies that were written of each, one to an address */
  *#leftOf({ account, template, atMost }: NewMail, copies: number): Statements<number> {
    if (!atMost || account === undefined) return Number.POSITIVE_INFINITY
    const all = this.#db.selectFrom('outbox').select(({ fn }) => fn.countAll<number>().as('mails'))
    const own = all.where('account_id', '=', account).where('created_at', '>', atMost.since)
    const [found] = yield* run(own.where('template', '=', template))
    return atMost.mails - Math.floor(Number(found?.mails) / copies)
  }

  *#addressOf(account: string) {
    const accounts = this.#db.selectFrom('accounts').select(['email', 'language'])
    const [row] = yield* run(accounts.where('id', '=', account))
    return row as { readonly email: string | null; readonly language: string | null } | undefined
  }

  /** Whoever lost an account with its address learns of it where it was before. */
  *#recipientsOf(
    account: string | undefined,
    email: string | null | undefined
  ): Statements<readonly Recipient[]> {
    if (account === undefined) return []
    const rows = yield* run<{ id: string; address: string }>(
      this.#db
        .selectFrom('former_addresses')
        .select(['id', 'address'])
        .where('account_id', '=', account)
        .where('until', '>', this.#now())
        .orderBy('until')
        .limit(maxFormer)
    )
    const former = new Map<string, Recipient>()
    for (const { id, address: sealed } of rows) {
      const address = this.#keys.open(sealed, placeOfFormerAddress(id))
      // Back and forth leaves the same one several times.
      if (address !== undefined && address !== email && !former.has(address))
        former.set(address, { address, former: id })
    }
    return [...(email ? [{ address: email }] : []), ...former.values()]
  }

  /** A flood from one network has its turns late; whoever asks from elsewhere goes before most of it. */
  *#turnOf(causedFrom: string | undefined, isForStranger: boolean, now: number) {
    if (causedFrom === undefined) return { turn: now }
    const purpose = isForStranger ? 'network that causes mail to strangers' : 'network that causes mail'
    const network = this.#keys.macsOf(widerNetworkOf(causedFrom), purpose)[0] ?? ''
    const waiting = this.#db.selectFrom('outbox').select(({ fn }) => fn.max('turn').as('last'))
    const ofNetwork = waiting.where('network', '=', network)
    const unsent = ofNetwork.where('sent_at', 'is', null).where('failed_at', 'is', null)
    const [found] = yield* run<{ last: number | null }>(unsent)
    const first = isForStranger ? now + strangersWaitMilliseconds : now
    return { network, turn: Math.max(first, Number(found?.last ?? 0) + networkTurnMilliseconds) }
  }

  *#write(
    { template, account, data, expiresAt, once, language, outlivesAccount, causedFrom }: NewMail,
    { address, former }: Recipient,
    accountLanguage: string | null
  ): Statements<boolean> {
    const id = newId()
    const now = this.#now()
    const row = {
      id,
      ...(yield* this.#turnOf(causedFrom, account === undefined, now)),
      account_id: outlivesAccount ? null : (account ?? null),
      recipient: this.#keys.seal(address, placeOfMail('recipient', id)),
      template,
      language: language ?? accountLanguage,
      data: this.#keys.seal(JSON.stringify(data), placeOfMail('data', id)),
      once: once === undefined ? null : [once, former].filter(Boolean).join(' '),
      created_at: now,
      next_at: now,
      expires_at: expiresAt
    }
    const inserting = this.#db.insertInto('outbox').values(row)
    const [inserted] = yield* run(
      inserting.onConflict((conflict) => conflict.column('once').doNothing()).returning('id')
    )
    return inserted !== undefined
  }
}

/** Where what is sealed of a message belongs. */
export function placeOfMail(column: 'recipient' | 'data', id: string): Place {
  return { table: 'outbox', column, account: id }
}

/** @param id of the row in `former_addresses` */
export function placeOfFormerAddress(id: string): Place {
  return { table: 'former_addresses', column: 'address', account: id }
}

/** @param hash of the link in `link_tokens`: of two rows neither opens what is in the other */
export function placeOfLinkAddress(hash: string): Place {
  return { table: 'link_tokens', column: 'address', account: hash }
}
