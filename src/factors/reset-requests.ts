import { hash, randomBytes } from 'node:crypto'
import type { StoredAccount } from '../accounts/account.ts'
import type { Statements } from '../database/all-or-nothing.ts'
import type { KeyRing, Place } from '../encryption/key-ring.ts'
import { BusyError, StorageError } from '../errors/errors.ts'
import { type Circumstances, inMail } from '../mail/notices.ts'
import type { Postbox } from '../mail/outbox.ts'
import { processClock } from '../primitives/clock.ts'
import { newId } from '../primitives/new-id.ts'
import { widerNetworkOf } from '../web/client-network.ts'
import { betweenMailsMilliseconds } from './reset-mails.ts'
import type { ResetStore, TakenRequest } from './reset-store.ts'

/** How long a link from a mail can be used. */
export const resetLinkMilliseconds = 30 * 60 * 1000

/** Somewhere in this time after a request it is looked up: what that takes can be measured in no answer. */
const delayMilliseconds = { least: 200, most: 1200 }

/** In characters: of five people in one browser. A longer one is none of ours. */
const longestCookie = 256

/** Requests that a process left when it ended are looked for so often. */
const pollMilliseconds = 30_000

export interface ResetRequest {
  /** A name or an address, as typed: up to 320 characters. */
  readonly typed: string
  /** The client's IP address. */
  readonly address: string
  /** Its User-Agent. */
  readonly device?: string | undefined
  /** The device cookies of the browser. */
  readonly browser?: readonly string[] | undefined
  /** A BCP 47 tag: that of the page. */
  readonly language?: string | null
  /** What for: a new password, if it is not set, or an account for the address. */
  readonly kind?: 'registration' | undefined
  /** Who asks for it, if it is an administrator: the mail says so, and not where from. */
  readonly by?: Circumstances['by']
  /** Why that one does. */
  readonly reason?: string | undefined
}

export interface ResetRequestsOptions {
  readonly store: ResetStore
  readonly keys: KeyRing
  readonly postbox: Postbox
  /** The address of a page. @param path from the root, as in a view */
  readonly addressOf: (path: string) => string
  /** Called for each mail that was posted, except for an administrator. @param address the client's */
  readonly onMail: (account: StoredAccount, address: string) => Promise<void>
  /** What comes of an address for which somebody wants an account. @param at when it was asked for */
  readonly registrations?: { register(asked: ResetRequest, at: number): Statements<void> } | undefined
  /** Tells an owner's browser from others. Without it, none is known. */
  readonly browsers?:
    | { known(typed: string, sent: readonly string[]): Promise<string | undefined> }
    | undefined
  readonly log: { error(message: string): void }
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/**
 * Forgotten passwords, and addresses for which somebody wants an account. What was typed is written down sealed, whoever
 * it is, and looked up afterwards: the answer tells nobody who exists, and needs no mail server. Whoever has a confirmed
 * address and can sign in gets a link to choose a new password. One request is one row until a transaction has ended it
 * and posted the mail, so that one that a process leaves is taken up by another.
 */
export class ResetRequests {
  readonly #options: ResetRequestsOptions
  readonly #now: () => number
  #polling: NodeJS.Timeout | undefined
  #waking: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(options: ResetRequestsOptions) {
    this.#options = options
    this.#now = options.now ?? processClock
  }

  /** Whether mail is on: otherwise nobody must be promised any. */
  get isOn(): boolean {
    return this.#options.postbox.isOn
  }

  /**
   * Writes a request down. One statement, whatever was typed.
   * @throws {StorageError} when it could not be written
   * @throws {BusyError} when too many wait
   */
  async ask({ language = null, browser = [], ...asked }: ResetRequest): Promise<void> {
    const { address, device } = asked
    const { store, keys } = this.#options
    const id = newId()
    const cookies = browser.filter((cookie) => cookie.length <= longestCookie)
    const text = JSON.stringify({ ...asked, device: device?.slice(0, 256), browser: cookies })
    const row = { id, typed: keys.seal(text, placeOf(id)), network: widerNetworkOf(address) }
    if (!(await store.insert({ ...row, language, created_at: this.#now() }))) throw new BusyError()
    const { least, most } = delayMilliseconds
    if (this.#polling && !this.#isOver)
      this.#waking ??= setTimeout(() => this.#run(), least + Math.random() * (most - least))
  }

  /** From now on requests are looked up, also those that other processes left. */
  start(): void {
    if (this.isOn) this.#polling ??= setInterval(() => this.#run(), pollMilliseconds).unref()
  }

  /** Ends with the request that is being looked up: the others are left to another process. */
  async stop(): Promise<void> {
    this.#isOver = true
    clearInterval(this.#polling)
    clearTimeout(this.#waking)
    await this.#running
  }

  /** Looks up every request that waits. @throws {StorageError} then those that are left wait on */
  async lookUp(): Promise<void> {
    for (let request = await this.#take(); request; request = await this.#take()) await this.#answer(request)
  }

  async #take(): Promise<TakenRequest | undefined> {
    return this.#isOver ? undefined : this.#options.store.take(this.#now())
  }

  async #answer(request: TakenRequest): Promise<void> {
    const { store, keys, onMail, browsers, registrations } = this.#options
    const text = keys.open(request.typed, placeOf(request.id))
    // Whoever asked so long ago has asked again.
    if (text === undefined || request.created_at <= this.#now() - resetLinkMilliseconds)
      return store.drop(request)
    const asked: ResetRequest = JSON.parse(text)
    if (asked.kind === 'registration') {
      const { language, created_at } = request
      return store.end(request, function* () {
        if (registrations) yield* registrations.register({ ...asked, language }, Number(created_at))
      })
    }
    const known = asked.browser?.length && (await browsers?.known(asked.typed, asked.browser))
    const network = known || asked.by ? undefined : request.network
    const account = await store.answer(request, asked.typed, this.#reset(request, asked, network))
    if (account && !asked.by) await onMail(account, asked.address)
  }

  #reset(
    { language, created_at }: TakenRequest,
    { address, device, by, reason }: ResetRequest,
    network: string | undefined
  ) {
    const { postbox, addressOf } = this.#options
    const now = this.#now()
    const token = randomBytes(32).toString('base64url')
    const expiresAt = now + resetLinkMilliseconds
    const post = ({ id: account, name, language: own }: StoredAccount, to: string) =>
      postbox.post({
        template: 'reset',
        account,
        to,
        expiresAt,
        causedFrom: by ? undefined : address,
        language: own ?? language ?? undefined,
        data: {
          url: addressOf(`/reset?token=${token}`),
          until: new Date(expiresAt).toISOString(),
          ...inMail({ by, address, device, reason }, Number(created_at)),
          name
        }
      })
    return {
      link: { hash: hash('sha256', token, 'base64url'), purpose: 'reset', expiresAt },
      unlessOpenUntil: expiresAt - betweenMailsMilliseconds,
      from: { network, now },
      post
    } as const
  }

  #run(): void {
    this.#waking = undefined
    this.#running = this.#running
      .then(() => this.lookUp())
      .catch((error) => {
        // The database is down, which is logged already.
        if (!(error instanceof StorageError)) this.#options.log.error(`Requests for a new password: ${error}`)
      })
  }
}

function placeOf(id: string): Place {
  return { table: 'reset_requests', column: 'typed', account: id }
}
