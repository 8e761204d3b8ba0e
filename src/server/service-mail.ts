import type { AccountsStore } from '../accounts/accounts-store.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import { ConfigError } from '../errors/errors.ts'
import type { Languages } from '../i18n/languages.ts'
import { type Mail, type OpenMailOptions, openMail } from '../mail/mail.ts'
import { missingFor } from '../mail/mail-target.ts'
import type { FailedMail } from '../mail/worker.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Config } from '../settings/config.ts'
import { mailRenderer } from '../views/mail-renderer.ts'

export interface ServiceMailOptions
  extends Omit<OpenMailOptions, 'render' | 'onSent' | 'onFailed' | 'config'> {
  readonly config: Config
  readonly languages: Languages
  /** The address of the pages, from PUBLIC_URL alone. */
  readonly pagesUrl: string
  readonly accounts: () => Pick<AccountsStore, 'findById'>
  readonly metrics: Metrics | undefined
  readonly audit: () => Pick<AuditTrail, 'record'>
}

/**
 * Mail of the service: its views, and its failures in the audit trail.
 * @throws {ConfigError} as openMail, and when REGISTRATION_EMAIL needs mail and there is none
 */
export function openServiceMail(options: ServiceMailOptions): Mail {
  const { config, languages, pagesUrl, accounts, audit, metrics, ...opening } = options
  const onFailed = async ({ account, template, error }: FailedMail) => {
    metrics?.mail('failed')
    const name = account && (await accounts().findById(account))?.name
    // Whether somebody else has the address is not for who asked for it.
    const which = template === 'address-taken' && account ? 'confirm-address' : template
    await audit().record({ event: 'mail-failed', name, account, detail: `${which}: ${error}` })
  }
  const { views: own, branding } = config
  const render = mailRenderer(async () => ({ languages, own, site: branding.name, pagesUrl }))
  const onSent = () => metrics?.mail('sent')
  const mail = openMail({ ...opening, config, render, onSent, onFailed })
  // Otherwise nobody could register, and it would look as if mail had been sent.
  if (config.registrationEmail !== 'off' && mail.target.kind === 'off') {
    const missing = missingFor[mail.target.because]
    throw new ConfigError([`REGISTRATION_EMAIL is ${config.registrationEmail}, and ${missing}`])
  }
  const { waiting, worker } = mail
  if (worker) metrics?.ofMail({ waiting, isDown: () => worker.health.isDown }, opening.now ?? Date.now)
  return mail
}
