import type { Email } from 'postal-mime'
import type { Test } from 'tap'
import { eventually } from './eventually.ts'
import { MailServer } from './mail-server.ts'

/** A real mail server, as the mailboxes of everybody. */
export async function openMailbox(t: Test) {
  const server = await new MailServer().listen(t)
  /** The first mail with such a subject, once it is there. */
  const received = (subject: RegExp): Promise<Email> =>
    eventually(`a mail with the subject ${subject}`, async () =>
      (await server.messages()).find((mail) => subject.test(mail.subject ?? ''))
    )
  return { url: `smtp://127.0.0.1:${server.port}`, server, received }
}

/** The link in a mail. */
export function linkIn({ text = '' }: Email): URL {
  const [link = ''] = /https?:\/\/\S+\?token=[\w-]+/.exec(text) ?? []
  return new URL(link)
}
