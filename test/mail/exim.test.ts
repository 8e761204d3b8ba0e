import PostalMime from 'postal-mime'
import t from 'tap'
import { parseMailUrl } from '../../src/mail/mail-url.ts'
import { SmtpSender } from '../../src/mail/smtp-sender.ts'
import { processIn, settings } from '../cli/command.ts'
import { eventually } from '../servers/eventually.ts'
import { startExim } from '../servers/exim.ts'

const isRoot = process.getuid?.() === 0

t.test(
  'a mail server of other people takes and refuses our mail',
  { skip: !isRoot && 'only root can start Exim' },
  async (t) => {
    const { port, certificate, delivered } = await startExim(t)
    const send = (url: string, mail: { to: string; subject?: string }) => {
      const server = parseMailUrl(url)
      if (server?.kind !== 'smtp') throw new Error(url)
      const sender = new SmtpSender(server, { name: 'Größe', address: 'no-reply@example.org' })
      const message = {
        id: 'RBDBa3UsNewlv4raHicLhQ',
        at: 0,
        subject: 'Grüße',
        text: 'Größe\n.\nEnde\n',
        ...mail
      }
      return sender.send(message, AbortSignal.timeout(60_000))
    }
    const here = `smtp://localhost:${port}`
    t.match(await send(here, { to: 'ada@example.org' }), /^250 OK id=/)
    const [text = ''] = await eventually('the message', () => delivered().length === 1 && delivered())
    t.match(text, /^Received: from .*\n\tby localhost with esmtps/m, 'STARTTLS is used where it is offered')
    t.match(await PostalMime.parse(text), {
      subject: 'Grüße',
      text: 'Größe\n.\nEnde\n',
      from: { name: 'Größe', address: 'no-reply@example.org' },
      to: [{ address: 'ada@example.org' }],
      messageId: '<RBDBa3UsNewlv4raHicLhQ@example.org>'
    })
    for (const [mail, delivery, message] of [
      [{ to: 'nobody@example.org' }, 'refused', /550 No such user here/],
      [{ to: 'ada@example.com' }, 'refused', /550 Relaying denied/],
      [{ to: 'ada@example.org', subject: 'spam' }, 'refused', /550 Looks like spam/],
      [{ to: 'later@example.org' }, 'deferred', /451 Come back later/]
    ] as const)
      await t.rejects(send(here, mail), { delivery, message })
    const required = `${here}?starttls=required`
    await t.rejects(send(required, { to: 'ada@example.org' }), { delivery: 'server', message: /certificate/ })

    const MAIL_URL = required
    const known = processIn(t, settings(t, { MAIL_URL, NODE_EXTRA_CA_CERTS: certificate }))
    t.match(await known(['mail', 'test', 'jürgen@example.org']), {
      code: 0,
      out: /^The mail server took it: 250 OK/
    })
    await eventually('the second message', () => delivered().length === 2)
  }
)
