import { join, relative } from 'node:path'
import { Eta } from 'eta'
import type { Languages } from '../i18n/languages.ts'
import type { Localizer } from '../i18n/localizer.ts'
import type { MailData, Template } from '../mail/message.ts'
import { containsFile } from '../primitives/contained-files.ts'
import { readTextFile } from '../primitives/text-file.ts'
import { printable } from '../primitives/visible-text.ts'
import { deviceOf } from '../sessions/device.ts'

/** A mail in somebody's language. */
export interface RenderedMail {
  /** One line. */
  readonly subject: string
  /** Plain text. */
  readonly text: string
}

export interface MailToRender {
  readonly template: Template
  /** A BCP 47 tag, as `Localizer.locale`; otherwise the first language of the service. */
  readonly language?: string | null | undefined
  readonly data: MailData
}

export interface MailsOptions {
  readonly languages: Languages
  /** The folder with all views. */
  readonly folder: string
  /** A folder whose views replace those; undefined for none. */
  readonly own?: string | undefined
  /** The name of the site. */
  readonly site: string
  /** The address of Latchkey's pages, from PUBLIC_URL alone. */
  readonly pagesUrl: string
}

/**
 * Renders mails. A view is plain text, its first line the subject; the frame of every mail is `layout.txt.eta`. Every value
 * is one line: no name can begin another line, or look like one of ours.
 */
export class Mails {
  readonly #eta: Eta
  readonly #options: MailsOptions

  constructor(options: MailsOptions) {
    this.#options = options
    this.#eta = openViews(options)
  }

  /** @throws when there is no such view, or a custom one fails */
  render({ template, language, data }: MailToRender): RenderedMail {
    const it = this.#itOf(data, language)
    const [subject = '', ...lines] = this.#eta.render(template, it).trimStart().split('\n')
    const text = this.#eta.render('layout', { ...it, body: lines.join('\n').trim() })
    return { subject: printable(subject.trim()), text: `${withoutGaps(text)}\n` }
  }

  #itOf({ device, ...data }: MailData, tag: MailToRender['language']) {
    const { site, pagesUrl, languages } = this.#options
    const { t, date, language } = languages.localizerFor(tag ?? undefined)
    const shown = Object.entries(data).map(([name, value]) => [name, value && printable(value)])
    return {
      ...Object.fromEntries(shown),
      ...(device !== undefined && { device: nameOf(device, t) }),
      ...{ t, lang: language.tag, site: printable(site) },
      /** Of a time as data has it: ISO 8601. */
      date: (at: string) => date(new Date(at)),
      link: (path: string) => pagesUrl + path
    }
  }
}

/** @param userAgent as it was sent: nothing of it is in a mail but names that we know, or that of a program */
function nameOf(userAgent: string, t: Localizer['t']): string {
  const { browser, system } = deviceOf(userAgent)
  if (browser && system) return t('account.device.both', { browser, system })
  return browser ?? system ?? t('account.device.unknown')
}

/** As Eta is for pages, but without escaping, and every line break stays. */
function openViews({ folder, own }: MailsOptions): Eta {
  const views = join(folder, 'mail')
  const options = { defaultExtension: '.txt.eta', autoEscape: false, autoTrim: false } as const
  const eta = new Eta({ views, cache: true, ...options })
  const { readFile } = eta
  if (!readFile) throw new TypeError('Eta reads files only as it is on Node')
  eta.readFile = (path) => {
    const name = relative(folder, path)
    return own && containsFile(own, name) ? readTextFile(join(own, name)) : readFile.call(eta, path)
  }
  return eta
}

/** Lines that nothing was said in leave no gap. */
function withoutGaps(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').replace(/^[ \t]+$/gm, '')
  return lines.replace(/\n{3,}/g, '\n\n').trim()
}
