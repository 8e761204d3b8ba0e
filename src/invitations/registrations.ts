import type { Kysely, Selectable } from '#vendor/kysely'
import { run, type Statements } from '../database/all-or-nothing.ts'
import type { AccountsTable, Tables } from '../database/tables.ts'
import type { KeyRing } from '../encryption/key-ring.ts'
import { checkAddress } from '../identity/email-address.ts'
import type { NewMail } from '../mail/message.ts'
import { type Circumstances, inMail } from '../mail/notices.ts'
import type { Postbox } from '../mail/outbox.ts'
import { clockErrorMilliseconds } from '../primitives/clock.ts'
import { widerNetworkOf } from '../web/client-network.ts'
import { type InvitationLink, newInvitationLink, pathOf } from './invitation-link.ts'
import { accountWith, addressKeysOf, type CheckedAddress, placeOf } from './invitation-rows.ts'

/** A stranger is mailed no more often, whoever asks. A link lives longer, so there is always one in the mailbox. */
const betweenMailsMilliseconds = 20 * 60 * 1000
const dayMilliseconds = 24 * 60 * 60 * 1000
const maxMailsADay = 5

/** So many links wait at most, of all addresses. */
const maxOpenRegistrations = 10_000

/** Who wants an account, and from where. */
export interface Registering extends Circumstances {
  /** An address. Nothing comes of what is none. */
  readonly typed: string
  /** A BCP 47 tag: that of the page. */
  readonly language?: string | null | undefined
}

export interface RegistrationsOptions {
  readonly db: Kysely<Tables>
  readonly keys: KeyRing
  readonly postbox: Postbox
  /** The address of a page. @param path from the root, as in a view */
  readonly linkTo: (path: string) => string
  readonly maxOpen?: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * Links to create an account, for addresses that somebody typed at REGISTRATION_EMAIL=required. Whoever reads mail there
 * uses one as the link of an invitation: see InvitationStore.accept. It is long after the answer.
 */
export class Registrations {
  readonly #options: RegistrationsOptions

  constructor(options: RegistrationsOptions) {
    this.#options = options
  }

  /**
   * Mails a link to an address; or, if an account has it, that there is one. At most once in 20 minutes, and five times a
   * day. Earlier links go on, so that nobody ends another's by asking. A row is written in both cases: it says when the
   * address was mailed. Statements of a transaction.
   * @param at when it was asked for, in milliseconds since 1970
   */
  *register(asked: Registering, at: number): Statements<void> {
    const { db, keys, now, postbox } = this.#options
    const address = checkAddress(asked.typed)
    if (!address.ok) return
    const addressKeys = addressKeysOf(keys, address)
    const link = newInvitationLink(now())
    if (yield* this.#wasMailed(addressKeys, link.createdAt)) return
    const [owner] = yield* run(accountWith(db, address))
    const language = asked.language ?? undefined
    const mail = { to: address.address, expiresAt: link.expiresAt, data: inMail(asked, at), language }
    // Of two processes at once one mails.
    const once = `registration ${addressKeys[0]} ${Math.floor(link.createdAt / betweenMailsMilliseconds)}`
    const posted = yield* postbox.post({
      ...(owner ? tellingOf(owner, address.key, mail) : this.#inviting(mail, link)),
      causedFrom: asked.address ?? '',
      once
    })
    if (posted === 0) return
    const network = keys.macsOf(widerNetworkOf(asked.address ?? ''), 'network of a registration')[0] ?? ''
    yield* this.#insert(address, { link, addressKey: addressKeys[0] ?? '', language, network })
    yield* this.#removeSome(link.createdAt)
  }

  *#wasMailed(addressKeys: readonly string[], now: number): Statements<boolean> {
    const { db } = this.#options
    const own = db.selectFrom('invitations').select('created_at').where('kind', '=', 'registration')
    const today = own.where('address_key', 'in', addressKeys).where('created_at', '>', now - dayMilliseconds)
    const rows = yield* run(today.orderBy('created_at', 'desc').limit(maxMailsADay))
    const [last] = rows
    return (
      rows.length === maxMailsADay ||
      (last !== undefined && Number(last.created_at) > now - betweenMailsMilliseconds)
    )
  }

  #inviting(mail: Omit<NewMail, 'template'>, { token, expiresAt }: InvitationLink): NewMail {
    const url = this.#options.linkTo(pathOf(token))
    const until = new Date(expiresAt).toISOString()
    return { ...mail, template: 'registration', data: { ...mail.data, url, until } }
  }

  *#insert(
    { address }: CheckedAddress,
    row: {
      readonly link: InvitationLink
      readonly addressKey: string
      readonly language: string | undefined
      readonly network: string
    }
  ): Statements<void> {
    const { db, keys } = this.#options
    const { hash, createdAt, expiresAt } = row.link
    const place = { hash, kind: 'registration' as const, address: keys.seal(address, placeOf(hash)) }
    const times = { created_at: createdAt, expires_at: expiresAt }
    const { addressKey: address_key, language = null, network } = row
    const who = { address_key, language, network, invited_by: null }
    yield* run(db.insertInto('invitations').values({ ...place, ...who, ...times }))
  }

  /**
   * Those that are over; and when there are too many, the oldest of the network that has most. So a stranger who asks for
   * thousands of addresses ends links of their own, and nobody else's.
   */
  *#removeSome(now: number): Statements<void> {
    const { db, maxOpen = maxOpenRegistrations } = this.#options
    const removed = db.deleteFrom('invitations').where('kind', '=', 'registration')
    yield* run(removed.where('expires_at', '<', now - clockErrorMilliseconds))
    const all = db.selectFrom('invitations').where('kind', '=', 'registration')
    const [found] = yield* run(all.select(({ fn }) => fn.countAll<number>().as('open')))
    if (Number(found?.open) <= maxOpen) return
    const network = all
      .select('network')
      .groupBy('network')
      .orderBy(({ fn }) => fn.countAll(), 'desc')
      .orderBy(({ fn }) => fn.min('created_at'))
      .limit(1)
    const oldest = all.select('hash').where('network', '=', network).orderBy('created_at').limit(1)
    yield* run(removed.where('hash', '=', oldest))
  }
}

/** The mail to whoever has an account with the address, in their language, and as it was confirmed, however it was typed. */
function tellingOf(
  {
    name,
    language,
    email,
    email_key
  }: Pick<Selectable<AccountsTable>, 'name' | 'language' | 'email' | 'email_key'>,
  key: string,
  mail: Omit<NewMail, 'template'>
): NewMail {
  return {
    ...mail,
    to: email !== null && email_key === key ? email : mail.to,
    template: 'address-taken',
    language: language ?? mail.language,
    data: { ...mail.data, name }
  }
}
