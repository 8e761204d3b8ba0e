import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Deed } from '../../src/administration/deed.ts'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, Visitor } from '../build.ts'
import { somePasskey } from '../factors/examples.ts'
import { eventually } from '../servers/eventually.ts'

const bob = { username: 'Bob', password: alice.password }

async function withPeople(t: Test, env: Record<string, string> = {}) {
  const app = await build(t, { env })
  await app.latchkey.accounts.add(alice, 'admin')
  await app.latchkey.accounts.add(bob)
  const admin = await accountOf(app)
  const user = await accountOf(app, 'Bob')
  const deed: Deed = {
    by: { kind: 'account', id: admin.id, name: admin.name },
    address: '192.0.2.1',
    reason: 'Asked by telephone.'
  }
  const events = async (id = user.id) => app.latchkey.audit.list(id, 1000)
  const visitor = new Visitor(app, 'program')
  return { app, admin, user, deed, events, visitor, ...app[services] }
}

t.test(
  'everything that an administrator does is recorded and mailed, with who, why and where from',
  async (t) => {
    const { app, user, deed, events, visitor, people, administration, groups, tokens, addresses, mail } =
      await withPeople(t)
    await addresses.set(user.id, 'bob@example.org', {})
    await groups.add('Staff')
    for (let n = 0; n < 3; n += 1) await visitor.post('/login', bob)
    const asked = { name: 'backup', hosts: '', forApi: true, days: 1 }
    for (let n = 0; n < 2; n += 1) await tokens.make(user.id, asked)
    const before = (await people.find(user.id))!
    const session = before.sessions.sessions.at(-1)?.handle ?? ''
    const token = before.tokens[0]?.id ?? ''
    t.equal(await administration.endSession(user, session, deed), true)
    t.equal(await administration.endSession(user, session, deed), false, 'it is over: no second event')
    await visitor.post('/login', bob)
    t.match(await administration.endSessions(user, deed), { account: { name: 'Bob' }, sessionsEnded: 1 })
    t.equal(await administration.changeGroup(user, 'STAFF', 'join', deed), 'Staff')
    t.equal(await administration.changeGroup(user, 'STAFF', 'join', deed), 'Staff', 'no second event')
    await administration.changeGroup(user, 'STAFF', 'leave', deed)
    await t.rejects(administration.changeGroup(user, 'nobody', 'join', deed), {
      code: 'LATCHKEY_NO_SUCH_GROUP'
    })
    t.match(await administration.endToken(user, token, deed), { name: 'backup' })
    t.equal(await administration.endToken(user, token, deed), undefined)
    t.equal(await administration.endTokens(user, deed), 1)
    t.equal(await administration.endTokens(user, deed), 0)
    t.match(await administration.disable(user, deed), { account: { disabledAt: Date } })
    t.equal(await administration.makeLink(user, deed), undefined)
    t.match(await administration.enable(user, deed), { disabledAt: undefined })
    t.match(await administration.setRole(user, 'admin', deed), { account: { role: 'admin' } })
    t.match(await administration.setRole(user, 'user', deed), { account: { role: 'user' } })
    t.match(await administration.makeLink(user, deed), { token: /^[\w-]{43}$/ })
    t.match(await administration.makeLink(user, deed, { dropFactors: true }), { token: /^[\w-]{43}$/ })
    t.match(await administration.dropFactors(user, deed), { account: { secondFactors: 0 } })
    await administration.openAgain(user, deed)
    const mails = await mail.list({ limit: 100 })
    const byAdministrator = mails.filter(({ template }) => !/^(sign-in|token-made|address-)/.test(template))
    t.same(byAdministrator.map(({ template }) => template).toSorted(), [
      ...Array.from({ length: 5 }, () => 'account-administered'),
      ...['account-disabled', 'account-enabled', 'factors-dropped', 'link-made', 'link-made'],
      ...['role-changed', 'role-changed', 'token-ended', 'token-ended']
    ])
    const folder = mail.target.kind === 'files' ? mail.target.folder : ''
    await eventually('every mail says who did it and why', async () => {
      const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
      const why = texts.filter((text) =>
        /Who: the administrator alice\s+Why: Asked by telephone\./.test(text)
      )
      return why.length === byAdministrator.length
    })
    t.match(await administration.remove(user, deed), { account: { id: user.id } })
    const done = (await events()).filter(({ by }) => by).reverse()
    const detail = { 'group-join': 'Staff', 'group-leave': 'Staff', 'token-end': 'backup' } as Record<
      string,
      string
    >
    const names = [
      ...['session-end', 'sessions-end', 'group-join', 'group-leave', 'token-end', 'tokens-end'],
      ...['account-disable', 'account-enable', 'role-change', 'role-change', 'link-make', 'link-make'],
      ...['factors-drop', 'account-open', 'account-remove']
    ]
    t.same(
      done.map(({ event }) => event),
      names
    )
    for (const event of done) {
      const { reason, address, by } = deed
      t.match(event, { name: 'Bob', account: user.id, reason, address, by }, event.event)
      if (detail[event.event]) t.equal(event.detail, detail[event.event])
    }
    t.same(
      done.filter(({ event }) => event === 'role-change').map(({ detail }) => detail),
      ['admin', 'user']
    )
    const later: Promise<unknown>[] = [
      administration.endSessions(user, deed),
      administration.disable(user, deed),
      administration.enable(user, deed),
      administration.openAgain(user, deed),
      administration.setRole(user, 'admin', deed),
      administration.dropFactors(user, deed),
      administration.makeLink(user, deed),
      administration.remove(user, deed)
    ]
    for (const attempt of later) await t.rejects(attempt, { code: 'LATCHKEY_NO_SUCH_ACCOUNT' })
    t.equal((await events()).filter(({ by }) => by).length, names.length)
    t.equal(await people.find(user.id), undefined)
    t.notOk(await app.latchkey.accounts.find('Bob'))
  }
)

t.test('a link is mailed where there is an address to mail it to', async (t) => {
  const { app, user, deed, events, administration, addresses, mail } = await withPeople(t)
  await t.rejects(administration.mailLink(user, deed), { code: 'LATCHKEY_NO_ADDRESS' })
  await addresses.set(user.id, 'bob@example.org', {})
  await administration.disable(user, deed)
  await t.rejects(administration.mailLink(user, deed), { code: 'LATCHKEY_ACCOUNT_DISABLED' })
  await administration.enable(user, deed)
  const admin = new Visitor(app, 'program')
  await admin.post('/login', alice)
  const asked = await admin.post('/api/accounts/bob/mail-link')
  t.equal(asked.json().code, 'LATCHKEY_SECOND_FACTOR_NOT_SET_UP', 'as every change in the API')
  await administration.mailLink(user, deed)
  t.match(await events(), [{ event: 'reset-request', by: { name: 'alice' }, reason: deed.reason }])
  await eventually('the mail', async () =>
    (await mail.list({ limit: 10 })).some(({ template }) => template === 'reset')
  )
})

t.test('nobody does to their own account what another administrator has to do', async (t) => {
  const { app, admin, deed, events, administration } = await withPeople(t)
  const attempts: Promise<unknown>[] = [
    administration.disable(admin, deed),
    administration.setRole(admin, 'user', deed),
    administration.dropFactors(admin, deed),
    administration.makeLink(admin, deed),
    administration.remove(admin, deed)
  ]
  for (const attempt of attempts) await t.rejects(attempt, { code: 'LATCHKEY_OWN_ACCOUNT' })
  t.same(await events(admin.id), [])
  const command: Deed = { by: { kind: 'command' } }
  for (const attempt of [
    administration.disable(admin, command),
    administration.setRole(admin, 'user', command),
    administration.remove(admin, command)
  ])
    await t.rejects(attempt, { code: 'LATCHKEY_LAST_ADMINISTRATOR' })
  await administration.disable(admin, { ...command, force: true })
  t.match(await app.latchkey.accounts.find('alice'), { disabledAt: Date })
})

t.test('a reason is a line or none, and dropping second factors needs one', async (t) => {
  const { user, deed, events, administration } = await withPeople(t)
  for (const reason of ['', ' ', 'x'.repeat(201)]) {
    await t.rejects(administration.endSessions(user, { ...deed, reason }), { code: 'LATCHKEY_BAD_INPUT' })
    await t.rejects(administration.disable(user, { ...deed, reason }), { code: 'LATCHKEY_BAD_INPUT' })
  }
  const { reason: _, ...unsaid } = deed
  await t.rejects(administration.dropFactors(user, unsaid), { code: 'LATCHKEY_BAD_INPUT' })
  await t.rejects(administration.makeLink(user, unsaid, { dropFactors: true }), {
    code: 'LATCHKEY_BAD_INPUT'
  })
  t.same(await events(), [])
  await administration.endSessions(user, unsaid)
  t.match(await events(), [{ event: 'sessions-end', reason: undefined }])
})

t.test('a form acts on the account that it was shown for, whoever has the name now', async (t) => {
  const { app, user, deed, administration } = await withPeople(t)
  await app.latchkey.accounts.remove('Bob')
  await app.latchkey.accounts.add(bob)
  await t.rejects(administration.disable(user, deed), { code: 'LATCHKEY_NO_SUCH_ACCOUNT' })
  await t.rejects(administration.remove(user, deed), { code: 'LATCHKEY_NO_SUCH_ACCOUNT' })
  t.match(await app.latchkey.accounts.find('Bob'), { disabledAt: undefined })
})

t.test('an account that wrong passwords and codes have closed is opened again', async (t) => {
  const { user, deed, accounts, factors, people, administration } = await withPeople(t)
  await factors.addPasskey((await accounts.findById(user.id))!, somePasskey)
  const wrong = { username: 'Bob', password: 'a guess that is wrong' }
  await accounts.verify(wrong)
  while ((await factors.takeRecoveryCode(user.id, 'wrong')).result !== 'closed');
  t.match(await people.find(user.id), {
    account: { failedAttempts: 1 },
    factors: { recoveryCodes: { isClosed: true } }
  })
  await administration.disable(user, deed)
  t.match(await administration.openAgain(user, deed), { failedAttempts: 0, disabledAt: Date })
  t.match(await people.find(user.id), {
    account: { failedAttempts: 0, disabledAt: Date },
    closedTo: null,
    factors: { recoveryCodes: { isClosed: false, left: 10 } }
  })
})

t.test('where administrators need a second factor, the last one who has any keeps it', async (t) => {
  const { app, admin, user, deed, accounts, factors, administration } = await withPeople(t, {
    SECOND_FACTOR: 'admins'
  })
  const command: Deed = { by: { kind: 'command' }, reason: 'A lost phone.' }
  await factors.addPasskey((await accounts.findById(admin.id))!, somePasskey)
  await administration.setRole(user, 'admin', deed)
  const last = { code: 'LATCHKEY_LAST_SECOND_FACTOR', statusCode: 409 }
  await t.rejects(administration.dropFactors(admin, command), last, 'the other one has none')
  await t.rejects(administration.makeLink(admin, command, { dropFactors: true }), last)
  t.ok(await administration.makeLink(admin, command), 'a link leaves them')
  await factors.addPasskey((await accounts.findById(user.id))!, { ...somePasskey, id: 'b3RoZXI' })
  await app.latchkey.accounts.disable('Bob')
  await t.rejects(administration.dropFactors(admin, command), last, 'who is disabled counts as none')
  await app.latchkey.accounts.enable('Bob')
  t.match(await administration.dropFactors(admin, command), { account: { secondFactors: 0 } })
  await t.rejects(administration.dropFactors(user, deed), last)
  await administration.dropFactors(user, { ...command, force: true })
  t.match(await accounts.findById(user.id), { secondFactors: 0 })
})

t.test('one person is shown with all that there is, and without what opens anything', async (t) => {
  const { user, deed, visitor, accounts, people, tokens, groups, administration } = await withPeople(t)
  t.match(await people.find(user.id), { lastSeenAt: undefined, sessions: { sessions: [] }, activity: [] })
  await visitor.post('/login', bob)
  await groups.add('Staff')
  await administration.changeGroup(user, 'staff', 'join', deed)
  await tokens.make(user.id, { name: 'backup', hosts: '', forApi: true, days: 1 })
  const person = (await people.find(user.id))!
  t.match(person, {
    account: { name: 'Bob', role: 'user', signedInAt: Date, createdAt: Date },
    closedTo: null,
    lastSeenAt: Date,
    sessions: { sessions: [{ handle: /^[0-9a-f]{32}$/ }] },
    factors: { passkeys: [], recoveryCodes: { left: 0 } },
    groups: ['Staff'],
    tokens: [{ name: 'backup' }],
    activity: [{ event: 'group-join' }, { event: 'sign-in' }]
  })
  t.notMatch(JSON.stringify(person), /\$argon2|passwordHash|"hash"/)
  t.equal(await people.find('nobody'), undefined)
  t.equal((await people.search({ startsWith: 'bo' })).accounts[0]?.id, user.id)
  t.ok(await accounts.findById(user.id))
})
