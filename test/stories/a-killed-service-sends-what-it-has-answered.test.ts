// group: real-processes
import t from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, secret } from '../build.ts'
import { MailServer } from '../servers/mail-server.ts'
import { startService } from '../servers/service.ts'

const leaseMilliseconds = 3 * 60_000

t.test('kill -9 between the answer and the mail loses neither a notice nor a request', async (t) => {
  const server = await new MailServer().listen(t)
  server.behaviour = 'does not answer'
  const env = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    MAIL_URL: `smtp://127.0.0.1:${server.port}`,
    DATA_KEYS: secret,
    SESSION_SECRET: secret
  }
  const before = await build(t, { env })
  await before[services].accounts.add(alice)
  await before[services].addresses.set((await accountOf(before)).id, 'alice@example.org', {})
  await before.close()

  const service = await startService(t, { env })
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    const response = await fetch(service.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, at: Date.parse(response.headers.get('date') ?? '') }
  }
  const answered = await Promise.all([post('/login', alice), post('/forgot', { username: alice.username })])
  t.match(answered, [{ status: 200 }, { status: 202 }])
  await service.stop('SIGKILL')
  t.same(server.raw, [])

  server.behaviour = 'takes it'
  // By the clock of the service.
  const leaseIsOver = answered[0].at + leaseMilliseconds
  const after = await build(t, { env, now: () => leaseIsOver })
  await after[services].resets.lookUp()
  await after[services].mail.worker?.sendDue()
  const subjects = (await server.messages()).map(({ subject }) => subject)
  t.same([...new Set(subjects)].toSorted(), ['A new password for Latchkey', 'New sign-in to Latchkey'])
})
