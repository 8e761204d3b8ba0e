import t from 'tap'
import { services } from '../../../src/open-services.ts'
import { alice, build, secret, Visitor } from '../../build.ts'
import { TestClock } from '../../second-factors.ts'

const json = { headers: { accept: 'application/json' } }
const clock = new TestClock()
// Noon, so that an hour ago is today.
clock.time = new Date(2026, 10, 29, 12, 30).getTime()
const app = await build(t, { now: clock.now, env: { SESSION_SECRET: secret, SITE_NAME: 'Example' } })
await app.latchkey.accounts.add(alice)
const { accounts, audit, warn } = app[services]
await accounts.setRole(alice.username, 'admin')
const browser = new Visitor(app, 'browser')
await browser.submit('/login', alice)

t.test('sign-ins are counted by outcome, in each hour and on each day', async (t) => {
  const day = 86_400_000
  const now = clock.time
  for (const [ago, event] of [
    [29 * day, 'sign-in'],
    [2 * day, 'code-refused'],
    [3_600_000, 'sign-in-throttled'],
    [3_600_000, 'sign-in-refused'],
    [31 * day, 'sign-in']
  ] as const) {
    clock.time = now - ago
    await audit.record({ event, address: '192.0.2.7' })
    // Those that had to wait are written afterwards.
    await new Promise(setImmediate)
  }
  clock.time = now
  for (const look of ['first', 'second']) {
    const { signIns } = (await browser.get('/admin/status', json)).json()
    t.equal(signIns.day.length, 24)
    t.equal(signIns.month.length, 30)
    t.match(signIns.day.at(-1), { succeeded: 1, refused: 0, throttled: 0 }, look)
    t.match(signIns.day.at(-2), { succeeded: 0, refused: 1, throttled: 1 })
    t.match(signIns.month.at(-1), { succeeded: 1, refused: 1, throttled: 1 })
    t.match(signIns.month.at(-3), { succeeded: 0, refused: 1, throttled: 0 })
    t.match(signIns.month[0], { succeeded: 1 })
  }
})

t.test('the API has the same, without secrets', async (t) => {
  const shown = (await browser.get('/api/status', json)).json()
  const page = (await browser.get('/admin/status', json)).json()
  t.match(shown, { version: page.version, sessionsNow: { sessions: 1, precision: 'exact' } })
  t.match(shown.mail, { queued: 0, failed: 0, isDown: false })
  t.match(shown.stores, { accounts: { answers: true }, sessions: { answers: true } })
  t.same(
    shown.signIns.day.map(({ since: _, ...counts }: { since: string }) => counts),
    page.signIns.day.map(({ from: _, to: __, ...counts }: { from: number; to: number }) => counts)
  )
  t.equal(shown.signIns.month.length, 30)
  t.match(
    shown.settings.find(({ setting }: { setting: string }) => setting === 'SITE_NAME'),
    {
      value: 'Example',
      from: 'environment'
    }
  )
  t.notMatch(JSON.stringify(shown), secret)
})

t.test(
  'the page draws them, and shows sessions, stores, settings and warnings without a secret',
  async (t) => {
    warn('Something is <set> wrong.')
    const { body, statusCode } = await browser.get('/admin/status')
    t.equal(statusCode, 200)
    t.match(body, /<rect class="succeeded" x="[\d.]+" y="[\d.]+" width="[\d.]+" height="[\d.]+"\/>/)
    t.match(body, /<rect class="throttled"/)
    t.notMatch(body, / style=/, 'the Content-Security-Policy forbids it')
    t.match(body, '1 succeeded, 1 were refused, 1 had to wait.')
    t.match(body, /Sessions now<\/dt>\s*<dd>1</)
    t.match(body, /Accounts database<\/dt>\s*<dd>Answers within/)
    t.match(body, 'Something is &lt;set&gt; wrong.')
    t.match(body, /0 messages wait<[\s\S]+Mail is not sent here, but written into files in \S+mail\./)
    t.match(body, /SESSION_SECRET<\/code><\/dt>\s*<dd><code>\(hidden\)/)
    t.match(body, /SITE_NAME<\/code><\/dt>\s*<dd><code>Example<\/code> <small>from the environment/)
    t.notMatch(body, secret)
  }
)
