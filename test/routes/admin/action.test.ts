import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { services } from '../../../src/open-services.ts'
import { accountOf, alice, build, Visitor } from '../../build.ts'
import { eventually } from '../../servers/eventually.ts'

const bob = { ...alice, username: 'bob' }
const json = { headers: { accept: 'application/json' } }

const app = await build(t)
for (const credentials of [alice, bob]) await app.latchkey.accounts.add(credentials)
const { accounts, addresses, audit, groups, mail, resets, tokens } = app[services]
await accounts.setRole(alice.username, 'admin')
await groups.add('Chör/ä')
const browser = new Visitor(app, 'browser')
await browser.submit('/login', alice)
const { id } = await accountOf(app, 'bob')
const place = `/admin/people/${id}`

/** The hidden fields of a question, as it is shown now. */
async function fieldsOf(path: string): Promise<Record<string, string>> {
  const { body, statusCode } = await browser.get(path)
  if (statusCode !== 200) throw new Error(`${path} answers ${statusCode}`)
  const inputs = [...body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
  return Object.fromEntries(inputs.map(([, name, value]) => [name, value]))
}

/** Answers a question. @returns what the next page says */
async function act(action: string, more: Record<string, string> = {}): Promise<string> {
  const path = `${place}/${action}`
  const answer = await browser.submit(path, { ...(await fieldsOf(path)), ...more })
  if (answer.statusCode !== 303) throw new Error(`${path} answers ${answer.statusCode}: ${answer.body}`)
  const { body } = await browser.get(String(answer.headers.location))
  return /role="status">([^<]*)</.exec(body)?.[1] ?? ''
}

const last = async () => (await audit.list(id, 1))[0]

t.test('every action is done by its form, and is in the audit trail with who did it and why', async (t) => {
  const by = { kind: 'account', id: (await accountOf(app)).id, name: 'alice' }
  const elsewhere = new Visitor(app, 'browser')
  await elsewhere.submit('/login', bob)
  const { sessions } = (await browser.get(place, json)).json().sessions
  t.equal(await act(`end-session/${sessions[0].handle}`), 'Done.')
  t.match(await last(), { event: 'session-end', by, session: sessions[0].handle })
  const made = await tokens.make(id, { name: 'phone', hosts: '', forApi: true, days: 1 })
  t.equal(await act(`end-token/${made.ok ? made.details.id : ''}`, { reason: 'lost' }), 'Done.')
  t.match(await last(), { event: 'token-end', by, detail: 'phone', reason: 'lost' })
  t.equal(await act('join', { group: 'Chör/ä' }), 'Done.')
  t.match(await last(), { event: 'group-join', by, detail: 'Chör/ä' })
  t.equal(await act(`leave/${encodeURIComponent('Chör/ä')}`), 'Done.')
  t.match(await last(), { event: 'group-leave', by })
  for (const [action, event, reason] of [
    ['end-sessions', 'sessions-end', ''],
    ['grant', 'role-change', 'helps'],
    ['revoke', 'role-change', 'left'],
    ['disable', 'account-disable', 'left'],
    ['enable', 'account-enable', ''],
    ['remove', 'account-remove', 'asked for it']
  ] as const) {
    t.equal(await act(action, { reason }), 'Done.', action)
    t.match(await last(), { event, by, ...(reason && { reason }) })
  }
  t.equal((await browser.get(place)).statusCode, 404)
  await app.latchkey.accounts.add({ ...bob, username: 'bob2' })
})

t.test('what does not suit somebody is not offered, and not done', async (t) => {
  const other = `/admin/people/${(await accountOf(app, 'bob2')).id}`
  const { body } = await browser.get(other)
  for (const action of ['enable', 'revoke', 'drop-factors', 'end-tokens', 'open'])
    t.notMatch(body, `${other}/${action}"`)
  for (const action of [
    'enable',
    'revoke',
    'drop-factors',
    'nothing',
    '__proto__',
    'end-session',
    'leave/nowhere'
  ])
    t.equal((await browser.get(`${other}/${action}`)).statusCode, 404, action)
  const own = `/admin/people/${(await accountOf(app)).id}`
  const shown = await browser.get(own)
  for (const action of ['disable', 'revoke', 'remove', 'link']) {
    t.notMatch(shown.body, `${own}/${action}"`)
    t.equal((await browser.get(`${own}/${action}`)).statusCode, 404, action)
  }
  t.notMatch(JSON.stringify((await browser.get(other, json)).json()), /argon2|passwordHash|publicKey/)
})

t.test('what takes something away needs a reason, and the form keeps what was typed', async (t) => {
  const other = `/admin/people/${(await accountOf(app, 'bob2')).id}`
  const fields = await fieldsOf(`${other}/disable`)
  for (const reason of ['', ' ', 'x'.repeat(201)]) {
    const { statusCode, body } = await browser.submit(`${other}/disable`, { ...fields, reason })
    t.equal(statusCode, 400)
    t.match(body, 'Give a reason of up to 200 characters.')
    if (reason.trim()) t.match(body, `value="${reason}"`)
  }
  t.equal((await accounts.find('bob2'))?.disabledAt, undefined)
})

t.test('a link is shown once, with the address of the page', async (t) => {
  const other = `/admin/people/${(await accountOf(app, 'bob2')).id}`
  const { body } = await browser.submit(`${other}/link`, await fieldsOf(`${other}/link`))
  const [, path = ''] = /<code>https?:\/\/[^/]+(\/reset\?token=[\w-]+)</.exec(body) ?? []
  const visitor = new Visitor(app, 'browser')
  t.equal((await visitor.get(path)).statusCode, 303)
  t.match((await visitor.get('/reset')).body, 'For the account bob2')
})

t.test('a link is mailed to who has a confirmed address, and to nobody else', async (t) => {
  const other = await accountOf(app, 'bob2')
  const page = `/admin/people/${other.id}`
  t.equal((await browser.get(`${page}/mail-link`)).statusCode, 404)
  await addresses.set(other.id, 'bob@example.org', { by: { kind: 'command' } })
  t.match((await browser.get(page)).body, `${page}/mail-link"`)
  const asked = (await browser.get(`${page}/mail-link`)).body
  t.match(asked, /<bdi>bob@example\.org<\/bdi> · Confirmed <time/, 'where to, and since when: it may be new')
  const why = { reason: 'Called\r\nBcc: eve@example.org' }
  await browser.submit(`${page}/mail-link`, { ...(await fieldsOf(`${page}/mail-link`)), ...why })
  t.match(await audit.list(other.id, 1), [{ event: 'reset-request', by: { name: 'alice' } }])
  await resets.lookUp()
  const sent = () => mail.list({ state: 'sent', limit: 1 })
  await eventually('a mail that was sent', async () => (await sent()).length > 0)
  t.match(await sent(), [{ template: 'reset' }])
  const folder = mail.target.kind === 'files' ? mail.target.folder : ''
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  const text = texts.find((text) => text.includes('/reset?token=')) ?? ''
  t.match(text, 'An administrator of')
  t.match(text, 'Who: the administrator alice')
  t.match(text, /^Why: Called\\u\{d\}\\u\{a\}Bcc: eve@example\.org/m, 'in one line')
  t.notMatch(text, /127\.0\.0\.1|If that was you/, 'not where the administrator sits')
  const events = (await audit.list(other.id, 20)).filter(({ event }) => event === 'reset-request')
  t.same(
    events.map(({ by }) => by?.kind),
    ['account'],
    'nobody else has asked'
  )
})
