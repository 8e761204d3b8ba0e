import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import type { AuditEvent } from '../../../src/audit/audit-event.ts'
import { AuditStore } from '../../../src/audit/audit-store.ts'
import { AuditTrail } from '../../../src/audit/audit-trail.ts'
import { services } from '../../../src/open-services.ts'
import { accountOf, alice, build, databaseFile, Visitor } from '../../build.ts'
import { TestClock } from '../../second-factors.ts'
import { eventually } from '../../servers/eventually.ts'

const bob = { username: 'bob', password: 'quite another phrase' }
const json = { headers: { accept: 'application/json' } }

const clock = new TestClock()
const app = await build(t, { now: clock.now })
for (const credentials of [alice, bob]) await app.latchkey.accounts.add(credentials)
const { accounts, audit } = app[services]
await accounts.setRole(bob.username, 'admin')
const { id: aliceId } = await accountOf(app)
const { id: bobId } = await accountOf(app, bob.username)
const browser = new Visitor(app, 'browser')
await browser.submit('/login', bob)
const about = { name: alice.username, account: aliceId }
const byBob = { kind: 'account', id: bobId, name: 'bob' } as const
for (const event of [
  { event: 'sign-in', ...about, address: '192.0.2.7' },
  { event: 'account-disable', ...about, by: byBob, address: '192.0.2.8' },
  { event: 'role-change', ...about, by: { kind: 'command' } },
  { event: 'sign-in-refused', address: '192.0.2.7' }
] satisfies AuditEvent[]) {
  clock.pass(1000)
  await audit.record(event)
}

/** The events that a list has, for a form that was filled in so. */
async function eventsWith(query: string): Promise<string> {
  const { events } = (await browser.get(`/admin/activity?${query}`, json)).json()
  return events.map(({ event }: { event: string }) => event).join()
}

t.test('what happened is shown with whom it concerned and who did it', async (t) => {
  const { body, statusCode } = await browser.get('/admin/activity')
  t.equal(statusCode, 200)
  const cards = body.split('<li>').slice(1)
  t.match(cards[0], /A wrong password.*<code>sign-in-refused<.*a visitor.*192\.0\.2\.7/s)
  t.match(cards[1], /Role changed.*alice.*the command line/s)
  t.match(cards[2], new RegExp(`Account disabled.*people/${aliceId}.*people/${bobId}.*<code>${bobId}<`, 's'))
  t.match(cards[3], /Signed in.*alice.*themselves/s)
  t.match(body, 'aria-current="page">What happened')
  t.match((await browser.get('/dashboard')).body, '<a href="/admin">Accounts</a>')
})

t.test('it is filtered by person, kind, administrator, address and day', async (t) => {
  t.equal(await eventsWith('person=ALICE'), 'role-change,account-disable,sign-in')
  t.equal(await eventsWith(`person=${aliceId}&event=sign-in`), 'sign-in')
  t.equal(await eventsWith('by=bob'), 'account-disable')
  t.equal(await eventsWith('address=192.0.2.7'), 'sign-in-refused,sign-in')
  t.equal(await eventsWith('address=192.0.2.7&person=alice&from=2026-01-01&to=2099-01-01'), 'sign-in')
  t.equal(await eventsWith('from=2099-01-01'), '')
  t.equal(await eventsWith('to=2001-01-01&person=alice'), '')
  t.equal(await eventsWith('person=nobody%00'), '')
  for (const day of ['2026-13-45', '2026-02-31', '2025-02-29', '2026-00-10', '2026-04-31', '2026-01-00'])
    for (const field of ['from', 'to']) {
      const refused = await browser.get(`/admin/activity?${field}=${day}`)
      t.match([refused.statusCode, refused.body], [400, 'There is no such day.'], `${field} ${day}`)
    }
  t.equal(await eventsWith('from=2024-02-29&to=2024-02-29'), '', 'of a leap year')
  t.match((await browser.get('/admin/activity?person=mallory')).body, 'Nothing of this kind was found.')
})

t.test('it goes on in pages, though several events have one time', async (t) => {
  for (let n = 0; n < 60; n += 1)
    await audit.record({ event: 'sign-out', name: `person${n}`, address: '192.0.2.9' })
  const seen: string[] = []
  let before = ''
  for (let pages = 0; before !== null; pages += 1) {
    const page = (
      await browser.get(`/admin/activity?event=sign-out${before && `&before=${before}`}`, json)
    ).json()
    t.ok(page.events.length <= 25 && pages < 4)
    seen.push(...page.events.map(({ name }: { name: string }) => name))
    before = page.next
  }
  t.equal(new Set(seen).size, 60)
  t.equal(seen.length, 60)
  const pageAt = async (place: string) =>
    (await browser.get(`/admin/activity?event=sign-out${place}`, json)).json()
  const first = await pageAt('')
  const second = await pageAt(`&before=${first.next}`)
  const last = await pageAt(`&before=${second.next}`)
  t.same(first.previous, null)
  t.same((await pageAt(`&after=${last.previous}`)).events, second.events, 'one page back')
  const back = await pageAt(`&after=${second.previous}`)
  t.same([back.events, back.next, back.previous], [first.events, first.next, null], 'and the first one')
  clock.pass(1000)
  await audit.record({ event: 'sign-out', name: 'one more' })
  const newest = await pageAt(`&after=${second.previous}`)
  t.match([newest.events.length, newest.previous], [25, String], 'what came meanwhile is on a page before')
  const shown = (await browser.get(`/admin/activity?event=sign-out&before=${first.next}`)).body
  t.match(shown, /rel="prev" href="\/admin\/activity\?event=sign-out&amp;after=[\w.-]+">Later<.*rel="next"/s)
  t.notMatch((await browser.get('/admin/activity')).body, 'rel="prev"')
})

t.test('it is downloaded as JSON lines, with the filter of the page', async (t) => {
  const { body, headers } = await browser.get('/admin/activity/export?person=alice')
  t.match(headers['content-disposition'], 'activity.jsonl')
  const lines = body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.match(lines, [
    { event: 'role-change', actor: 'command', by: null, account: aliceId },
    { event: 'account-disable', actor: 'account', by: 'bob', byAccount: bobId },
    { event: 'sign-in', actor: null, address: '192.0.2.7' }
  ])
})

t.test('a long download is read as the client takes it, and no further once it has gone', async (t) => {
  const parts = 60
  const database = new DatabaseSync(databaseFile(app))
  database.exec(`WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${parts * 500})
    INSERT INTO audit (id, at, event, name, address) SELECT 'many' || n, n, 'gate-refused', 'alice', '192.0.2.1' FROM n`)
  database.close()
  const read = t.capture(AuditStore.prototype, 'some', AuditStore.prototype.some)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const { latchkey: cookie } = browser.cookies
  const headers = { cookie: `latchkey=${encodeURIComponent(cookie ?? '')}`, accept: 'text/html' }
  const from = `${url}/admin/activity/export?event=gate-refused`
  const all = await (await fetch(from, { headers })).text()
  t.equal(all.split('\n').length, parts * 500 + 1)
  t.equal(read().length, parts + 1)

  const answer = await new Promise<IncomingMessage>((resolve) => get(from, { headers }, resolve))
  await once(answer, 'readable')
  answer.destroy()
  await eventually(
    'the server has noticed',
    () =>
      new Promise<boolean>((resolve) => {
        app.server.getConnections((_, count) => resolve(count <= 1))
      })
  )
  const whenGone = read().length
  t.ok(whenGone < parts, `${whenGone} of ${parts} parts were read`)
  await browser.get('/admin/activity')
  t.equal(read().length, 1, 'that of the page')

  const searches = t.capture(AuditTrail.prototype, 'search', AuditTrail.prototype.search)
  const inVain = get(`${url}/admin/activity/export?address=192.0.2.1&event=sign-out`, { headers })
  const closed = new Promise((resolve) => inVain.once('error', resolve))
  const { some } = AuditStore.prototype
  const reads = t.capture(AuditStore.prototype, 'some', function (this: AuditStore, ...asked) {
    inVain.destroy()
    return Reflect.apply(some, this, asked)
  })
  await closed
  const [search] = searches()
  if (search && 'returned' in search) await search.returned.return(undefined)
  const inVainReads = reads().length
  t.ok(inVainReads > 0 && inVainReads < parts, `${inVainReads} of ${parts} parts, where nothing is found`)
})
