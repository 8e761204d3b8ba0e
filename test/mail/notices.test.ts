import t, { type Test } from 'tap'
import type { AccountState } from '../../src/accounts/account.ts'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { verifiedAccount } from '../../src/accounts/verification.ts'
import type { Database } from '../../src/database/database.ts'
import { KeyRing } from '../../src/encryption/key-ring.ts'
import { StorageError } from '../../src/errors/errors.ts'
import { FactorsStore } from '../../src/factors/factors-store.ts'
import { LinkStore } from '../../src/factors/link-store.ts'
import { recoveryCodeHash } from '../../src/factors/recovery-codes.ts'
import { type RefusedCode, RefusedCodes } from '../../src/factors/refused-codes.ts'
import type { MailData } from '../../src/mail/message.ts'
import { type Circumstances, Notices } from '../../src/mail/notices.ts'
import { parseMailNotices, silencedBy } from '../../src/mail/optional-notices.ts'
import { Outbox, placeOfMail } from '../../src/mail/outbox.ts'
import { KnownDevices } from '../../src/throttle/known-devices.ts'
import { TokensStore } from '../../src/tokens/tokens-store.ts'
import { somePasskey } from '../factors/examples.ts'
import { overEachDatabase } from '../servers/databases.ts'

const passkey = (id: string) => ({ ...somePasskey, id, name: `Phone ${id}` })
const keys = new KeyRing(['notices!'.repeat(4)])
const now = () => Date.UTC(2026, 0, 2)
const at = '2026-01-02T00:00:00.000Z'
const own = { address: '192.0.2.7', device: 'curl/8.0' } as const
const circumstances: Circumstances = own
const anna: Circumstances = { ...own, by: { kind: 'account', name: 'anna' } }
const command: Circumstances = { by: { kind: 'command' } }

const token = {
  ...{ hash: 'of a token', id: 'a token', name: 'Backup', hosts: [], forApi: true },
  expiresAt: new Date(now())
}

function openStores(
  database: Database,
  { isOn = true, wanted = 'sign-ins,administration', now: clock = now } = {}
) {
  const postbox = new Outbox({ db: database.sql, keys, isOn, now: clock })
  const silenced = silencedBy(parseMailNotices(wanted))
  const notices = new Notices({ postbox, silenced, now: clock })
  return {
    accounts: new AccountsStore(database, now, notices),
    factors: new FactorsStore(database, now, notices),
    links: new LinkStore(database, notices),
    tokens: new TokensStore(database, now, notices),
    refusedCodes: new RefusedCodes(database, notices),
    devices: new KnownDevices(database.noSyncSql, now, { database, notices })
  }
}
type Stores = ReturnType<typeof openStores>

/** What is done to an account, and what its owner is told. The codes of an app are there, and a recovery code. */
type Deeds = Readonly<
  Record<string, [(stores: Stores, state: AccountState) => Promise<unknown>, string, MailData?]>
>
const wrongCode = { kind: 'code', from: 'elsewhere', outcome: 'wrong' } as const
const code = 'ABCD-EFGH-JKMN-PQRS-TVWX-YZ01'
const administered = { by: 'administrator', administrator: 'anna' } as const
const deeds: Deeds = {
  'sign-in': [
    async ({ accounts, devices }) =>
      devices.remember(verifiedAccount((await accounts.find('alice'))!), undefined, own),
    'sign-in',
    own
  ],
  'new password': [
    ({ accounts }, state) => accounts.replacePasswordHash(state, '$two', { circumstances }),
    'password-changed',
    own
  ],
  'password by command': [
    ({ accounts }) => accounts.setPasswordHash('alice', '$two', { circumstances: command }),
    'password-changed',
    { by: 'command' }
  ],
  role: [
    ({ accounts }) => accounts.setRole('alice', 'admin', { circumstances: anna }),
    'role-changed',
    { ...administered, role: 'admin' }
  ],
  disabled: [
    ({ accounts }) => accounts.disable('alice', { circumstances: anna }),
    'account-disabled',
    administered
  ],
  removed: [({ accounts }) => accounts.remove('alice', { circumstances }), 'account-removed', own],
  name: [
    ({ accounts }, { id }) => accounts.rename(id, { name: 'Bob', key: 'bob' }, { circumstances }),
    'name-changed',
    { ...own, name: 'Bob', former: 'Alice' }
  ],
  'another app': [
    ({ factors }, state) => factors.addTotp(state, { seed: '', step: 1 }, { circumstances }),
    'factor-added',
    own
  ],
  'a passkey': [
    ({ factors }, state) => factors.addPasskey(state, passkey('2'), { circumstances }),
    'factor-added',
    { ...own, passkey: passkey('2').name }
  ],
  'no app': [({ factors }, state) => factors.removeTotp(state, { circumstances }), 'factor-removed', own],
  'no passkey': [
    ({ factors }, state) => factors.removePasskey(state, passkey('1').id, { circumstances }),
    'factor-removed',
    { ...own, passkey: passkey('1').name }
  ],
  'no factors': [
    ({ factors }, { id }) => factors.dropAll(id, { reason: 'lost', circumstances: anna }),
    'factors-dropped',
    { ...administered, reason: 'lost' }
  ],
  'a recovery code': [
    ({ factors }, { id }) => factors.spendRecoveryCode(id, recoveryCodeHash(code) ?? '', own),
    'recovery-code-used',
    own
  ],
  'new codes': [({ factors }, state) => factors.newRecoveryCodes(state, own), 'recovery-codes-made', own],
  'a link': [
    async ({ accounts, links }) => {
      const link = { hash: 'of another link', purpose: 'password-and-factors', expiresAt: now() } as const
      return links.insert((await accounts.find('alice'))!, link, { circumstances: command })
    },
    'link-made',
    { by: 'command', until: at, dropsFactors: 'yes' }
  ],
  'a token': [
    ({ tokens }, { id: account }) =>
      tokens.add({ ...token, hash: 'of another', id: 'another', account }, own).then(() => true),
    'token-made',
    { ...own, token: 'Backup', until: at }
  ],
  'no token': [
    ({ tokens }, { id }) => tokens.end(id, token.id, anna),
    'token-ended',
    { ...administered, token: 'Backup' }
  ],
  'no tokens': [({ tokens }, { id }) => tokens.endAll(id, command), 'token-ended', { by: 'command' }],
  'a wrong code': [
    ({ refusedCodes }, { id }) => refusedCodes.tell({ id, name: 'Alice' }, wrongCode, own).then(() => true),
    'codes-refused',
    own
  ],
  'closed codes': [
    ({ refusedCodes }, { id }) =>
      refusedCodes.tell({ id, name: 'Alice' }, { ...wrongCode, outcome: 'closed' }, own).then(() => true),
    'codes-closed',
    { ...own, codes: 'app' }
  ],
  'a password by a link': [
    ({ links }) => links.use('of a link', { passwordHash: '$two', now: now(), circumstances }),
    'password-changed',
    { ...own, how: 'link' }
  ]
}

/** Alice, with all that can be taken from her, and an address. */
async function addAlice(database: Database, email: string | null = 'alice@example.org') {
  const { accounts, factors, links, tokens } = openStores(database, { isOn: false })
  const { id } = (await accounts.insert({ name: 'Alice', key: 'alice', passwordHash: '$one' }))!
  const state = async () => (await accounts.findById(id))!
  await factors.addTotp(await state(), { seed: 'sealed', step: 0 })
  await factors.addPasskey(await state(), passkey('1'))
  const { sql } = database
  const row = { hash: recoveryCodeHash(code) ?? '', account_id: id, created_at: now() }
  await sql.insertInto('recovery_codes').values(row).execute()
  await sql.updateTable('accounts').set({ email, email_key: email }).where('id', '=', id).execute()
  await links.insert(await state(), { hash: 'of a link', purpose: 'password', expiresAt: now() + 1 })
  await tokens.add({ ...token, account: id })
  return state()
}

async function told({ sql }: Database) {
  const rows = await sql.selectFrom('outbox').selectAll().execute()
  return rows.map(({ id, template, recipient, data, account_id }) => ({
    template,
    isOfAccount: account_id !== null,
    to: keys.open(recipient, placeOfMail('recipient', id)),
    data: JSON.parse(keys.open(data ?? '', placeOfMail('data', id)) ?? '')
  }))
}

async function everything({ sql }: Database) {
  const tables = [
    'accounts',
    'totp',
    'passkeys',
    'recovery_codes',
    'link_tokens',
    'devices',
    'tokens'
  ] as const
  return Promise.all(tables.map((table) => sql.selectFrom(table).selectAll().execute()))
}

overEachDatabase(t, async (t, openDatabase) => {
  async function again(t: Test, options?: Parameters<typeof openStores>[1]) {
    const database = await openDatabase(t)
    return { database, stores: openStores(database, options) }
  }

  t.test('each change posts one mail, with who did it and from where', async (t) => {
    const { database, stores } = await again(t)
    for (const [what, [act, template, data]] of Object.entries(deeds)) {
      const alice = await addAlice(database)
      t.ok(await act(stores, alice), what)
      const isOfAccount = template !== 'account-removed'
      const to = 'alice@example.org'
      t.same(
        await told(database),
        [{ template, isOfAccount, to, data: { name: 'Alice', at, ...data } }],
        what
      )
      await database.sql.deleteFrom('outbox').execute()
      await database.sql.deleteFrom('accounts').execute()
      await database.sql.deleteFrom('passkeys').execute()
    }
  })

  t.test('a mail that cannot be written undoes the change', async (t) => {
    const { database, stores } = await again(t)
    const alice = await addAlice(database)
    const before = await everything(database)
    await database.sql.schema.alterTable('outbox').renameTo('gone').execute()
    for (const [what, [act]] of Object.entries(deeds)) {
      await t.rejects(act(stores, alice), StorageError, what)
      t.same(await everything(database), before, what)
    }
  })

  t.test('nobody is told of what was so already, or by an installation without mail', async (t) => {
    const { database, stores } = await again(t)
    await addAlice(database)
    await stores.accounts.setRole('alice', 'user')
    await stores.accounts.enable('alice')
    t.same(await told(database), [])
    await stores.accounts.disable('alice')
    await stores.accounts.disable('alice')
    await stores.accounts.enable('alice')
    t.same((await told(database)).map(({ template }) => template).toSorted(), [
      'account-disabled',
      'account-enabled'
    ])
    await database.sql.deleteFrom('outbox').execute()
    await database.sql.deleteFrom('accounts').execute()
    await database.sql.deleteFrom('passkeys').execute()
    const without = openStores(database, { isOn: false })
    await database.sql.schema.alterTable('outbox').renameTo('gone').execute()
    for (const [what, [act]] of Object.entries(deeds)) {
      t.ok(await act(without, await addAlice(database)), what)
      await database.sql.deleteFrom('accounts').execute()
      await database.sql.deleteFrom('passkeys').execute()
    }
  })

  t.test(
    'of refused codes one mail is sent in six hours, and none for one that is mistyped at home',
    async (t) => {
      const { database } = await again(t)
      const { id, name } = await addAlice(database)
      const sixHours = 6 * 60 * 60 * 1000
      const tell = (more: Partial<RefusedCode>, at = now(), from: Circumstances = own) =>
        openStores(database, { now: () => at }).refusedCodes.tell(
          { id, name },
          { ...wrongCode, ...more },
          from
        )
      await tell({ from: 'session' })
      await tell({ from: 'known-browser' })
      t.same(await told(database), [])
      await Promise.all([
        tell({ from: 'session', outcome: 'delayed' }),
        tell({ from: 'session' }, now() + sixHours - 1)
      ])
      await tell({ outcome: 'closed', kind: 'recovery-code' })
      t.same(
        (await told(database)).map(({ template, data: { how, codes } }) => [template, how, codes]).sort(),
        [
          ['codes-closed', undefined, 'recovery'],
          ['codes-refused', 'session', undefined]
        ]
      )
      await tell({}, now() + sixHours)
      t.equal((await told(database)).length, 3)
      // Whoever mistypes a code hides nothing of what somebody else tries.
      await tell({}, now() + sixHours, { ...own, address: '198.51.100.1' })
      await tell({}, now() + sixHours, { ...own, address: '198.51.100.2' })
      await tell({ outcome: 'closed', kind: 'code' })
      t.equal((await told(database)).length, 5)
    }
  )

  t.test(
    'whoever signs in or makes tokens all day floods no mailbox, and the last mail says so',
    async (t) => {
      const { database } = await again(t)
      const alice = verifiedAccount(await addAlice(database))
      const sixHours = 6 * 60 * 60 * 1000
      const dayOf = async (at: number, times: number) => {
        const { devices, tokens } = openStores(database, { now: () => at })
        for (let n = 0; n < times; n += 1) {
          const own = { ...token, hash: `${at} ${n}`, id: `${at} ${n}`, account: alice.id! }
          await devices.remember(alice, undefined, circumstances)
          await tokens.add(own, circumstances)
          await tokens.end(alice.id!, own.id, circumstances)
        }
        return (await told(database)).map(({ template, data }) => `${template} ${data.isLast ?? ''}`).sort()
      }
      const often = (kind: string) => [...Array(9).fill(`${kind} `), `${kind} yes`]
      const all = ['sign-in', 'token-ended', 'token-made'].flatMap(often)
      t.same(await dayOf(now(), 12), all)
      t.same(await dayOf(now() + sixHours - 1, 1), all)
      t.equal((await dayOf(now() + sixHours, 1)).length, 33, 'later they are told again')
      const { accounts } = openStores(database)
      for (let n = 0; n < 12; n += 1)
        await accounts.setRole('alice', n % 2 ? 'user' : 'admin', { circumstances: anna, force: true })
      const roles = (await told(database)).filter(({ template }) => template === 'role-changed')
      t.equal(roles.length, 12, 'and of what an administrator does in any case')
    }
  )

  t.test('a known browser, its owner’s wish and the operator keep a sign-in quiet', async (t) => {
    const { database, stores } = await again(t)
    const alice = verifiedAccount(await addAlice(database))
    const { devices } = stores
    const id = await devices.remember(alice, undefined, own)
    t.equal(await devices.remember(alice, id, own), id)
    await devices.remember(alice, undefined)
    const silent = openStores(database, { wanted: 'required' })
    await silent.devices.remember(alice, undefined, own)
    await silent.accounts.setRole('alice', 'admin', { circumstances: anna })
    await silent.accounts.setPasswordHash('alice', '$two')
    t.same(
      (await told(database)).map(({ template }) => template),
      ['sign-in', 'password-changed']
    )
    await database.sql.updateTable('accounts').set({ sign_in_notices: 0 }).execute()
    const quiet = verifiedAccount((await stores.accounts.find('alice'))!)
    await devices.remember(quiet, undefined, own)
    t.equal((await told(database)).length, 2)
  })
})

t.test('a setting names the notices that are sent', async (t) => {
  t.same(parseMailNotices('required'), [])
  t.same(parseMailNotices('administration'), ['administration'])
  t.throws(() => parseMailNotices('sign-ins, passwords'), /has "passwords", it must be sign-ins, adm/)
  t.same([...silencedBy([])].toSorted(), [
    'account-administered',
    'account-disabled',
    'account-enabled',
    'role-changed',
    'sign-in'
  ])
})
