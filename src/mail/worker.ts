import type { KeyRing } from '../encryption/key-ring.ts'
import { StorageError } from '../errors/errors.ts'
import type { Rendered, Sender } from './compose.ts'
import { DeliveryError, deliveryErrorOf } from './delivery-error.ts'
import { MailHealth } from './mail-health.ts'
import type { MailRow, MailStore } from './mail-store.ts'
import type { MailData, Template } from './message.ts'
import { placeOfMail } from './outbox.ts'
import { Rounds } from './rounds.ts'

/** What a view makes a text of. */
export interface MailToRender {
  readonly template: Template
  /** A BCP 47 tag; null: that of the installation. */
  readonly language: string | null
  readonly data: MailData
}

/** Makes the text of a message. */
export type Render = (mail: MailToRender) => Promise<Rendered>

/** A message that will not be sent. */
export interface FailedMail {
  readonly id: string
  readonly template: string
  /** The id of an account. */
  readonly account: string | undefined
  readonly error: string
}

export interface WorkerOptions {
  readonly store: MailStore
  readonly keys: KeyRing
  /** Made when there is something to send. */
  readonly sender: () => Promise<Sender>
  readonly render: Render
  readonly log: { info(message: string): void; warn(message: string): void; error(message: string): void }
  readonly onSent?: (where: string) => void
  readonly onFailed?: (mail: FailedMail) => void | Promise<void>
  readonly now?: () => number
  /** How many are sent at once. */
  readonly lanes?: number
  /** How long nobody else takes a message that is being sent. It is given up after half of it, in milliseconds. */
  readonly leaseMilliseconds?: number
}

const firstRetryMilliseconds = 10_000
const longestRetryMilliseconds = 3_600_000
/** While nothing can be sent, it is tried with one message at a time, and not more often than that. */
const longestPauseMilliseconds = 5 * 60_000

/**
 * Sends what was posted, at least once: a message is marked as sent after the server has taken it, so one that was being
 * sent when the process died is sent again, with the same Message-ID.
 */
export class MailWorker {
  readonly #options: Required<WorkerOptions>
  readonly #stopping = new AbortController()
  readonly #rounds: Rounds
  readonly #underWay = new Set<Promise<void>>()
  readonly health: MailHealth
  #pausedUntil = 0
  #isOver = false
  #sender: Promise<Sender> | undefined

  constructor(options: WorkerOptions) {
    this.#options = {
      onSent: () => {},
      onFailed: () => {},
      now: Date.now,
      lanes: 4,
      leaseMilliseconds: 120_000,
      ...options
    }
    this.health = new MailHealth(options.log, this.#options.now)
    this.#rounds = new Rounds(() => this.#round())
  }

  /** Looks for what is due, now and then. Costs nothing before. */
  start(): void {
    this.#rounds.start()
  }

  /** Something was posted. Its transaction may be committed a little later. */
  wake(): void {
    this.#rounds.wake()
  }

  /** Sends what is due, and waits for it: for tests and for the command. */
  async sendDue(): Promise<void> {
    await this.#round()
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  /** Begins nothing more, and waits for what is being sent, for a while. What takes longer is sent by another process. */
  async stop(patienceMilliseconds = 5000): Promise<void> {
    this.#isOver = true
    await this.#rounds.stop()
    const timer = setTimeout(() => this.#stopping.abort(), patienceMilliseconds)
    await Promise.all(this.#underWay)
    clearTimeout(timer)
  }

  /** @returns whether there was anything */
  async #round(): Promise<boolean> {
    const { store, now } = this.#options
    if (this.#isOver) return false
    try {
      if (!(await store.hasDue(now()))) return false
      for (const mail of await store.expire(now())) await reportFailed(mail, this.#options)
      if (now() < this.#pausedUntil) return false
    } catch (error) {
      // A database that is away is logged already.
      if (!(error instanceof StorageError)) this.#options.log.error(`Mail could not be looked for: ${error}`)
      return false
    }
    this.#openLane()
    return true
  }

  /** Another one is opened only while there is work for it. */
  #openLane(): void {
    const lanes = this.health.failures > 0 ? 1 : this.#options.lanes
    if (this.#isOver || this.#underWay.size >= lanes) return
    const lane = this.#lane()
      .catch((error) => {
        if (!(error instanceof StorageError)) this.#options.log.error(`Mail could not be sent: ${error}`)
      })
      .finally(() => this.#underWay.delete(lane))
    this.#underWay.add(lane)
  }

  async #lane(): Promise<void> {
    const { store, now, leaseMilliseconds } = this.#options
    while (!this.#isOver && now() >= this.#pausedUntil) {
      const mail = await store.lease(now(), now() + leaseMilliseconds, this.health.failures > 0)
      if (!mail) return
      this.#openLane()
      await this.#deliver(mail)
    }
  }

  async #deliver(mail: MailRow): Promise<void> {
    const { store, onSent, now } = this.#options
    try {
      const where = await this.#send(mail)
      await store.sent(mail, now())
      this.health.works()
      this.#pausedUntil = 0
      onSent(where)
    } catch (error) {
      if (error instanceof StorageError) throw error
      await this.#undelivered(mail, deliveryErrorOf(error))
    }
  }

  async #send(mail: MailRow): Promise<string> {
    const { keys, render, sender, leaseMilliseconds } = this.#options
    const { id, template, recipient, data, language, created_at: at } = mail
    const to = keys.open(recipient, placeOfMail('recipient', id))
    const json = data === null ? undefined : keys.open(data, placeOfMail('data', id))
    if (to === undefined || json === undefined)
      throw new DeliveryError('message', 'The key it was sealed with is missing in DATA_KEYS.')
    const toRender = { template: template as Template, language, data: JSON.parse(json) }
    const { subject, text } = await rendered(render, toRender)
    this.#sender ??= sender()
    const inTime = AbortSignal.timeout(leaseMilliseconds / 2)
    const signal = AbortSignal.any([inTime, this.#stopping.signal])
    return await (await this.#sender).send(
      { id, to, at, subject, text, ...(language && { language }) },
      signal
    )
  }

  async #undelivered(mail: MailRow, { delivery, message: error }: DeliveryError): Promise<void> {
    const { store, now, log } = this.#options
    if (this.#stopping.signal.aborted) return store.released(mail)
    if (delivery === 'refused') {
      await store.failed(mail, { now: now(), error })
      await reportFailed({ ...mail, error }, this.#options)
      this.health.refuses(error)
      return
    }
    if (delivery === 'message') log.error(`The mail ${mail.id} (${mail.template}) waits: ${error}`)
    if (delivery === 'server') {
      this.health.fails(error)
      this.#pausedUntil = now() + Math.min(backOff(this.health.failures), longestPauseMilliseconds)
    }
    await store.deferred(mail, { nextAt: Math.min(now() + backOff(mail.tries), mail.expires_at), error })
  }
}

/** Tells of a message that will not be sent. Nothing waits for it that could be told of a failure. */
export async function reportFailed(
  { id, template, account_id, error }: MailRow,
  { log, onFailed }: Pick<Required<WorkerOptions>, 'log' | 'onFailed'>
): Promise<void> {
  const why = error ?? ''
  log.warn(`The mail ${id} (${template}) was not sent, and will not be: ${why}`)
  try {
    await onFailed({ id, template, account: account_id ?? undefined, error: why })
  } catch (notTold) {
    log.error(`That is not in the audit trail: ${notTold}`)
  }
}

/** Ten seconds, twice as long after each try, at most an hour. @param tries how many there were */
export function backOff(tries: number): number {
  return Math.min(firstRetryMilliseconds * 2 ** Math.max(0, tries - 1), longestRetryMilliseconds)
}

async function rendered(render: Render, mail: MailToRender): Promise<Rendered> {
  try {
    return await render(mail)
  } catch (error) {
    throw new DeliveryError('message', `Its view cannot be rendered: ${error}`, { cause: error })
  }
}
