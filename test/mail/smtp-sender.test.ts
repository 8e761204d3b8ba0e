import t from 'tap'
import { parseMailUrl } from '../../src/mail/mail-url.ts'
import { SmtpSender } from '../../src/mail/smtp-sender.ts'
import { MailServer } from '../servers/mail-server.ts'

const mail = { id: 'x', to: 'ada@example.org', at: 0, subject: 'Hello', text: 'Hello\n' }
const password = 'hunter2hunter2'

function send(url: string): Promise<string> {
  const server = parseMailUrl(url)
  if (server?.kind !== 'smtp') throw new Error(url)
  return new SmtpSender(server, { name: '', address: 'a@example.org' }).send(
    mail,
    AbortSignal.timeout(60_000)
  )
}

t.test('a wrong password is about the server, and is not told', async (t) => {
  const server = await new MailServer({
    options: {
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password: given }, _session, done) {
        if (username === 'me@example.org' && given === password) done(null, { user: 'me' })
        else done(new Error(`No ${given} here`))
      }
    }
  }).listen(t)
  const at = (user: string) => send(`smtp://${user}@127.0.0.1:${server.port}`)
  t.match(await at(`me%40example.org:${password}`), '250')
  const refused = await at(`you:${password}`).catch((error: unknown) => error)
  t.match(refused, {
    delivery: 'server',
    message: /^The mail server refuses the user and password in MAIL_URL: 535/
  })
  t.notMatch((refused as Error).message, password)
  t.equal(server.raw.length, 1)
})

t.test('where TLS is demanded nothing is sent without it, or with a certificate of nobody', async (t) => {
  const plain = await new MailServer().listen(t)
  await t.rejects(send(`smtp://127.0.0.1:${plain.port}?starttls=required`), {
    delivery: 'server',
    message: /^The mail server/
  })
  await send(`smtp://127.0.0.1:${plain.port}?starttls=optional`)
  // The server's own certificate is for tests, and signed by itself.
  const own = await new MailServer({ options: { disabledCommands: ['AUTH'] } }).listen(t)
  await t.rejects(send(`smtp://127.0.0.1:${own.port}?starttls=required`), {
    delivery: 'server',
    message: /certificate/
  })
  await send(`smtp://127.0.0.1:${own.port}`)
  const immediate = await new MailServer({ options: { secure: true } }).listen(t)
  await t.rejects(send(`smtps://127.0.0.1:${immediate.port}`), { delivery: 'server', message: /certificate/ })
  t.same(
    [plain, own, immediate].map(({ raw }) => raw.length),
    [1, 1, 0]
  )
})

t.test('an answer is one line, however the server writes it', async (t) => {
  const server = await new MailServer().listen(t)
  server.behaviour = { at: 'recipient', code: 421, text: `Later\u001b[2J${'x'.repeat(1000)}` }
  const refused = (await send(`smtp://127.0.0.1:${server.port}`).catch((error: unknown) => error)) as Error
  t.match(refused, { delivery: 'server' })
  t.match(refused.message, /^The mail server answered: 421 Later \[2Jx+…$/)
  t.ok(refused.message.length < 400)
})
