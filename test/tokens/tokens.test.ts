import t, { type Test } from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { PresentAccounts } from '../../src/accounts/present-accounts.ts'
import { isGoodFor } from '../../src/tokens/token-visitor.ts'
import { Tokens } from '../../src/tokens/tokens.ts'
import { TokensStore } from '../../src/tokens/tokens-store.ts'
import { overEachDatabase } from '../servers/databases.ts'
import { eventually } from '../servers/eventually.ts'

const day = 24 * 3_600_000
const asked = { name: 'phone', hosts: 'app.example.org', forApi: false, days: 30 }

overEachDatabase(t, async (t, openDatabase) => {
  async function open(t: Test) {
    const database = await openDatabase(t)
    const { sql } = database
    const accounts = new AccountsStore(database)
    const row = await accounts.insert({ name: 'Alice', key: 'alice', passwordHash: '$' })
    let time = Date.now()
    const now = () => time
    const present = new PresentAccounts({ db: sql })
    const tokens = new Tokens({
      store: new TokensStore(database, now),
      ...{ present, now, gateHosts: ['app.example.org:8443', '*.apps.example.org'], tell: async () => {} }
    })
    const make = async (more: Partial<typeof asked> = {}) => {
      const made = await tokens.make(row?.id ?? '', { ...asked, ...more })
      return made.ok ? made.token : (made.error.userMessage?.key ?? '')
    }
    const pass = (milliseconds: number) => {
      time += milliseconds
    }
    return { accounts, sql, tokens, make, pass, id: row?.id ?? '' }
  }

  t.test('a token is right until it is ended or has expired, and only its hash is stored', async (t) => {
    const { tokens, make, pass, id, sql } = await open(t)
    const [phone, calendar] = [await make(), await make({ name: ' calendar ', days: 1 })]
    t.match(await tokens.verify(phone), { account: { id, name: 'Alice' }, token: { name: 'phone' } })
    t.equal(await tokens.verify(`${phone.slice(0, -4)}0000`), 'wrong')
    t.equal(await tokens.verify('lk_'), 'wrong')
    const rows = await sql.selectFrom('tokens').selectAll().execute()
    t.equal(rows.length, 2)
    for (const token of [phone, calendar]) t.notMatch(JSON.stringify(rows), token.slice(3))

    const listed = await tokens.list(id)
    t.same(listed.map(({ name }) => name).sort(), ['calendar', 'phone'])
    pass(day)
    t.equal(await tokens.verify(calendar), 'wrong', 'after its days')
    t.match(await tokens.list(id), [{ isExpired: Boolean }, { isExpired: Boolean }])
    t.equal((await tokens.list(id)).filter(({ isExpired }) => isExpired).length, 1)
    const ending = listed.find(({ name }) => name === 'phone')?.id ?? ''
    t.equal(await tokens.end('somebody else', ending), undefined)
    t.match(await tokens.verify(phone), { account: { id } })
    t.match(await tokens.end(id, ending), { name: 'phone' })
    t.equal(await tokens.end(id, ending), undefined)
    t.equal(await tokens.verify(phone), 'wrong')
    t.equal(await tokens.endAll(id), 1)
    t.equal(await tokens.count(id), 0)
  })

  t.test('disabling and removing an account end its tokens, and enabling it brings none back', async (t) => {
    const { accounts, tokens, make, id, sql } = await open(t)
    const token = await make()
    await accounts.disable('alice', { force: true })
    t.equal(await tokens.verify(token), 'wrong')
    await accounts.enable('alice')
    t.equal(await tokens.verify(token), 'wrong')
    const another = await make()
    t.match(await tokens.verify(another), { account: { id } })
    const told = async () =>
      (await sql.selectFrom('endings').select('owner').where('kind', '=', 'facts').execute()).length
    t.equal(await told(), 1, 'whose tokens ended is told')
    await accounts.remove('alice', { force: true })
    t.equal(await tokens.verify(another), 'wrong')
    t.equal(await tokens.count(id), 0)
    t.equal(await told(), 1, 'that the account is gone is told anyway')
  })

  t.test('a use is noted, once in ten minutes', async (t) => {
    const { tokens, make, pass, id } = await open(t)
    const token = await make()
    const usedAt = async () => (await tokens.list(id))[0]?.usedAt?.getTime()
    t.equal(await usedAt(), undefined)
    await tokens.verify(token)
    await eventually('the use to be noted', async () => (await usedAt()) !== undefined)
    const first = await usedAt()
    pass(9 * 60_000)
    await tokens.verify(token)
    t.equal(await usedAt(), first)
    pass(60_000)
    await tokens.verify(token)
    await eventually('the next one', async () => (await usedAt()) === (first ?? 0) + 600_000)
  })

  t.test('a token is for apps behind the gate, or for the API, and says so', async (t) => {
    const { tokens, make, id } = await open(t)
    for (const [more, fault] of [
      [{ name: ' ' }, 'tokens.badName'],
      [{ name: 'a'.repeat(65) }, 'tokens.badName'],
      [{ name: 'a\u0000b' }, 'tokens.badName'],
      [{ days: 0 }, 'tokens.badDays'],
      [{ days: 367 }, 'tokens.badDays'],
      [{ days: 1.5 }, 'tokens.badDays'],
      [{ days: Number.NaN }, 'tokens.badDays'],
      [{ hosts: 'app.example.org evil.example' }, 'tokens.strangeHost'],
      [{ hosts: '*' }, 'tokens.strangeHost'],
      [{ hosts: '*.example.org' }, 'tokens.strangeHost'],
      [{ hosts: '.org' }, 'tokens.strangeHost'],
      [{ hosts: ' ' }, 'tokens.forNothing']
    ] as const)
      t.equal(await make(more), fault, JSON.stringify(more))
    const token = await make({ hosts: 'APP.example.org, wiki.apps.example.org *.x.apps.example.org' })
    const use = await tokens.verify(token)
    if (use === 'wrong') return t.fail('it is right')
    const hosts = [
      'app.example.org',
      'wiki.apps.example.org',
      'a.x.apps.example.org',
      'b.a.x.apps.example.org'
    ]
    for (const host of hosts) t.ok(isGoodFor(use, host), host)
    for (const host of [
      'apps.example.org',
      'x.apps.example.org',
      'other.apps.example.org',
      'app.example.org.evil',
      ''
    ])
      t.notOk(isGoodFor(use, host), host)
    const forApi = await tokens.verify(await make({ hosts: '', forApi: true }))
    t.match(forApi, { token: { hosts: [], forApi: true } })
    while ((await tokens.count(id)) < 50) await make()
    t.equal(await make(), 'tokens.tooMany')
  })
})
