import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import PostalMime from 'postal-mime'
import { databaseFile, log } from './build.ts'
import { eventually } from './servers/eventually.ts'

export interface ReceivedMail {
  readonly subject: string
  readonly text: string
  /** The path in the link with a token, if there is one. */
  readonly link: string
}

/**
 * The last message that a service has written for an address, into the folder beside its database: one that was not
 * returned before. Its link must not be in the log.
 * @param withLink whether it must have a link: of several that were posted at the same time any may be the last
 */
export function mailbox(app: FastifyInstance) {
  const folder = join(dirname(databaseFile(app)), 'mail')
  const read = new Set<string>()

  return (to: string, { withLink = false } = {}): Promise<ReceivedMail> =>
    eventually(`mail to ${to}`, async () => {
      for (const file of readdirSync(folder).sort().reverse()) {
        if (!file.endsWith('.eml') || read.has(file)) continue
        const mail = await PostalMime.parse(readFileSync(join(folder, file)))
        if (mail.to?.[0]?.address !== to || (withLink && !/\?token=/.test(mail.text ?? ''))) continue
        read.add(file)
        const { subject = '', text = '' } = mail
        const { pathname, search } = new URL(/\S+\?token=\S+/.exec(text)?.[0] ?? 'http://none')
        log.keepSecret(search.slice('?token='.length))
        return { subject, text, link: pathname + search }
      }
      return undefined
    })
}
