import type { Database } from '../database/database.ts'
import { type DataKeySettings, dataKeyRing } from '../encryption/data-keys.ts'
import { newId } from '../primitives/new-id.ts'
import type { Sender } from './compose.ts'
import { type ListedMail, listedMail } from './listed-mail.ts'
import { MailPreferences } from './mail-preferences.ts'
import { type ListOptions, type MailCounts, type MailRow, MailStore } from './mail-store.ts'
import { type MailTarget, mailTarget, type TargetSettings } from './mail-target.ts'
import { Notices } from './notices.ts'
import { type OptionalNotices, silencedBy } from './optional-notices.ts'
import { Outbox, type Postbox } from './outbox.ts'
import { defaultSender, type SenderAddress } from './sender-address.ts'
import { MailSweeper } from './sweeper.ts'
import { MailWorker, reportFailed, type WorkerOptions } from './worker.ts'

export interface MailSettings extends DataKeySettings, TargetSettings {
  readonly mailFrom: SenderAddress | undefined
  readonly mailNotices: readonly OptionalNotices[]
  readonly branding: { readonly name: string }
}

export interface OpenMailOptions extends Pick<WorkerOptions, 'log' | 'render' | 'onFailed'> {
  readonly onSent?: () => void
  readonly config: MailSettings
  readonly database: Database
  /** See TargetNeeds. */
  readonly isOwnServer: boolean
  readonly now?: () => number
}

/** All that can be done with mail. */
export interface Mail extends Postbox {
  /** Tells people what happens to their accounts. */
  readonly notices: Notices
  readonly preferences: MailPreferences
  readonly target: MailTarget
  /** Sends what is posted. Undefined where mail is off. */
  readonly worker: MailWorker | undefined
  /** Deletes what is over. It runs where mail is off, too. */
  readonly sweeper: MailSweeper
  /** Call it when the server is ready: from now on mail is sent, and what is over deleted. */
  readonly start: () => void
  readonly stop: () => Promise<void>
  /** The newest first. @throws {StorageError}, as the other three */
  readonly list: (options: ListOptions) => Promise<readonly ListedMail[]>
  readonly count: () => Promise<MailCounts>
  /** The same of what waits, at less cost. */
  readonly waiting: MailStore['waiting']
  /** Tries failed ones again. @returns how many there are */
  readonly retry: (ids: readonly string[] | 'all') => Promise<number>
  /** The last message to an account, if it failed: for its owner. */
  readonly lastFailureOf: (accountId: string) => Promise<ListedMail | undefined>
  /**
   * Sends a message past the outbox.
   * @returns what the server answered, or the path of the file
   * @throws {DeliveryError}
   */
  readonly sendTest: (to: string) => Promise<string>
}

const testMilliseconds = 60_000

/** @throws {ConfigError} when MAIL_URL is set and the package that sends mail is not installed */
export function openMail({ config, database, isOwnServer, ...options }: OpenMailOptions): Mail {
  const { log, render, now = Date.now } = options
  const keys = dataKeyRing(config)
  const target = mailTarget(config, { isOwnServer, hasKey: keys.currentId !== undefined })
  const sender = () => senderOf(target, config)
  const store = new MailStore(database.noSyncSql)
  const onSent = (where: string) => {
    if (target.kind === 'files') log.info(`A mail was written to ${where}`)
    options.onSent?.()
  }
  const worker =
    target.kind === 'off' ? undefined : new MailWorker({ ...options, store, keys, sender, onSent })
  const onFailed = options.onFailed ?? (() => {})
  const onExpired = (mail: MailRow) => reportFailed(mail, { log, onFailed })
  const sweeper = new MailSweeper({ store, log, onExpired, now })
  const onPost = () => worker?.wake()
  const outbox = new Outbox({ db: database.sql, keys, isOn: worker !== undefined, now, onPost })
  const notices = new Notices({ postbox: outbox, silenced: silencedBy(config.mailNotices), now })
  return {
    ...{ target, worker, sweeper, isOn: outbox.isOn, notices, preferences: new MailPreferences(database) },
    post: (message) => outbox.post(message),
    start() {
      worker?.start()
      sweeper.start()
    },
    async stop() {
      await Promise.all([worker?.stop(), sweeper.stop()])
    },
    list: async (which) => (await store.list(which)).map((row) => listedMail(row, keys)),
    count: () => store.count(),
    waiting: () => store.waiting(),
    retry: (ids) => store.retry(ids, now()),
    async lastFailureOf(accountId) {
      const row = await store.lastFailureOf(accountId)
      return row && listedMail(row, keys)
    },
    async sendTest(to) {
      const at = now()
      const data = { at: new Date(at).toISOString() }
      const rendered = await render({ template: 'test', language: null, data })
      const id = newId()
      const toServer = await sender()
      return toServer.send({ id, to, at, ...rendered }, AbortSignal.timeout(testMilliseconds))
    }
  }
}

/** Loaded for the first message. */
async function senderOf(
  target: MailTarget,
  { mailFrom, publicUrl, branding }: MailSettings
): Promise<Sender> {
  const { address, name = branding.name } = mailFrom ?? defaultSender(publicUrl)
  if (target.kind === 'smtp') {
    const { SmtpSender } = await import('./smtp-sender.ts')
    return new SmtpSender(target, { name, address })
  }
  if (target.kind === 'files') {
    const { FileSender } = await import('./file-sender.ts')
    return new FileSender(target.folder, { name, address })
  }
  throw new TypeError('Mail is off.')
}
