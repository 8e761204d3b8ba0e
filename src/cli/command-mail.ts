import type { Database } from '../database/database.ts'
import { openLanguages } from '../i18n/languages.ts'
import { type Mail, openMail } from '../mail/mail.ts'
import type { Postbox } from '../mail/outbox.ts'
import type { Config } from '../settings/config.ts'
import { mailRenderer } from '../views/mail-renderer.ts'

const silent = { info: () => {}, warn: () => {}, error: () => {} }

/** Mail of a command: what is posted is sent by the service. @param pagesUrl the address of the pages */
export function openCommandMail(config: Config, database: Database, pagesUrl: string): Mail {
  const { views: own, branding, languages: asked, texts } = config
  const render = mailRenderer(async () => {
    const languages = await openLanguages({ asked, own: texts })
    return { languages, own, site: branding.name, pagesUrl }
  })
  return openMail({ config, database, isOwnServer: true, log: silent, render })
}

/** Opened with the first change of an account: it makes a key beside the embedded database. */
export function lazyPostbox(mail: () => Mail): Postbox {
  return {
    get isOn() {
      return mail().isOn
    },
    post: (message) => mail().post(message)
  }
}
