import type { AccountsStore } from '../accounts/accounts-store.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { Languages } from '../i18n/languages.ts'
import { type Mail, type OpenMailOptions, openMail } from '../mail/mail.ts'
import type { FailedMail } from '../mail/worker.ts'
import type { Config } from '../settings/config.ts'
import { mailRenderer } from '../views/mail-renderer.ts'

export interface ServiceMailOptions extends Omit<OpenMailOptions, 'render' | 'onFailed' | 'config'> {
  readonly config: Config
  readonly languages: Languages
  /** The address of the pages, from PUBLIC_URL alone. */
  readonly pagesUrl: string
  readonly accounts: () => Pick<AccountsStore, 'findById'>
  readonly audit: () => Pick<AuditTrail, 'record'>
}

/** Mail of the service: its views, and its failures in the audit trail. */
export function openServiceMail(options: ServiceMailOptions): Mail {
  const { config, languages, pagesUrl, accounts, audit, ...opening } = options
  const onFailed = async ({ account, template, error }: FailedMail) => {
    const name = account && (await accounts().findById(account))?.name
    await audit().record({ event: 'mail-failed', name, account, detail: `${template}: ${error}` })
  }
  const { views: own, branding } = config
  const render = mailRenderer(async () => ({ languages, own, site: branding.name, pagesUrl }))
  return openMail({ ...opening, config, render, onFailed })
}
