import { test } from 'tap'
import { Passwords } from '../../src/accounts/passwords.ts'
import { AuditStore } from '../../src/audit/audit-store.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import { readConfig } from '../../src/settings/config.ts'
import { SqliteCounters } from '../../src/throttle/sqlite-counters.ts'
import { Throttle } from '../../src/throttle/throttle.ts'
import { TokensStore } from '../../src/tokens/tokens-store.ts'
import { commandIn, password, processIn, settings } from './command.ts'

test('an administrator can be made, demoted, disabled, enabled and removed', async (t) => {
  const latchkey = commandIn(t)
  const lines = async (...words: string[]) => {
    const { out } = await latchkey([...words, '--json'])
    return out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  }
  t.same(await latchkey(['users', 'add', 'alice', '--admin'], password), {
    code: 0,
    out: 'Added alice, an administrator.\n',
    err: ''
  })
  for (const words of [['revoke'], ['disable'], ['remove', '--yes']]) {
    const [verb = '', ...options] = words
    const refused = await latchkey(['users', verb, 'alice', ...options])
    t.match(
      refused,
      { code: 1, out: '', err: /^This is the last administrator, so nothing was changed\./ },
      verb
    )
  }
  t.equal(
    (await latchkey(['users', 'revoke', 'ALICE', '--force'])).out,
    'Revoked the role of administrator from alice, who is signed out everywhere.\n'
  )
  t.match(await lines('users', 'grant', 'alice'), [
    { id: /^[\w-]{22}$/, name: 'alice', role: 'admin', sessionsEnded: 0 }
  ])
  t.match((await latchkey(['users', 'disable', 'alice', '--force'])).out, 'Disabled alice')
  t.match(await lines('users', 'list'), [
    {
      name: 'alice',
      role: 'admin',
      createdAt: /^\d{4}-\d\d-\d\dT/,
      disabledAt: /^\d{4}-\d\d-\d\dT/,
      failedAttempts: 0,
      closedTo: null,
      id: /^[\w-]{22}$/
    }
  ])
  t.equal((await latchkey(['users', 'enable', 'alice'])).out, 'Enabled alice, who can sign in again.\n')
  const held = 'Nobody else can take alice for 30 days.'
  t.same(await latchkey(['users', 'rename', 'ALICE', 'Alicia']), {
    code: 0,
    out: `alice is called Alicia now. ${held}\n`,
    err: ''
  })
  const taking = await latchkey(['users', 'add', 'Alice'], password)
  t.match(
    [taking.code, taking.err],
    [1, /^"Alice" was the name of Alicia, and is free on \d{4}-\d\d-\d\d\. Until then/]
  )
  const [earlier] = await lines('audit', 'tail', '--name', 'alice', '-n', '1')
  t.match(earlier, { event: 'account-rename', name: 'Alicia', formerName: 'alice', actor: 'command' })
  for (const [from, to, err] of [
    ['nobody', 'bob', 'There is no account called "nobody".\n'],
    ['alicia', 'b b ', 'A name cannot begin or end with a space.\n'],
    ['alicia', 'Alicia', 'That is the present name. Choose another one.\n']
  ] as const)
    t.same(await latchkey(['users', 'rename', from, to]), { code: 1, out: '', err })
  t.equal((await latchkey(['users', 'rename', 'alicia', 'alice'])).code, 0, 'it can be taken back')
  const unsure = await latchkey(['users', 'remove', 'alice'])
  t.same(unsure, {
    code: 1,
    out: '',
    err: 'This removes the account of alice for good. To confirm, add --yes.\n'
  })
  t.equal(
    (await latchkey(['users', 'remove', 'alice', '--yes', '--force'])).out,
    'Removed alice, who is signed out everywhere.\n'
  )
  t.equal((await latchkey(['users', 'list', '--json'])).out, '')

  const trail = await lines('audit', 'tail', '--name', 'Alice'.toLowerCase())
  const by = { actor: 'command', by: null }
  t.match(trail, [
    { event: 'registration', name: 'alice', ...by },
    { event: 'role-change', ...by },
    { event: 'role-change', ...by },
    { event: 'account-disable', ...by },
    { event: 'account-enable', ...by },
    { event: 'account-rename', name: 'Alicia', formerName: 'alice', ...by },
    { event: 'account-rename', name: 'alice', formerName: 'Alicia', ...by },
    { event: 'account-remove', ...by }
  ])
  t.ok(trail.every(({ byAccount }) => byAccount === null))
  const last = await latchkey(['audit', 'tail', '-n', '1'])
  t.match(
    last.out,
    /^AT {16}EVENT {11}NAME .*\n.* {2}account-remove {2}alice {2}command {2}- {3}- {11}- {8}- {8}[\w-]{22} {2}- {12}- {7}-\n$/
  )

  const { id } = JSON.parse((await latchkey(['users', 'add', 'alice', '--json'], password)).out)
  const hint = 'There are events of an earlier owner of this name, or of an app’s user: add --earlier.\n'
  t.ok((await latchkey(['audit', 'tail', '--name', 'alice'])).out.endsWith(hint))
  t.match(await lines('audit', 'tail', '--name', 'alice'), [
    { event: 'registration', account: id },
    { earlier: true }
  ])
  const all = await lines('audit', 'tail', '--name', 'alice', '--earlier')
  t.match(all, [...trail, { event: 'registration', account: id }])
  t.equal(all.filter(({ account }) => account === id).length, 1)
})

test('an empty list says where it looked, and for whom', async (t) => {
  const env = settings(t)
  const latchkey = commandIn(t, env)
  const file = env.DATABASE_URL?.replace('file:', '')
  t.equal(
    (await latchkey(['users', 'list'])).out,
    `There are no accounts in ${file} yet. Add the first one with "latchkey users add NAME".\n`
  )
  t.equal((await latchkey(['audit', 'tail'])).out, `There are no events in ${file} yet.\n`)
  t.equal((await latchkey(['audit', 'tail', '--name', 'alcie'])).out, 'There are no events of "alcie".\n')
})

test('an unknown name is refused, as JSON for programs', async (t) => {
  const latchkey = commandIn(t)
  const error = 'There is no account called "nobody".'
  for (const verb of ['enable', 'remove']) {
    t.same(await latchkey(['users', verb, 'nobody']), { code: 1, out: '', err: `${error}\n` })
  }
  const { code, err } = await latchkey(['--json', 'users', 'grant', 'nobody'])
  t.equal(code, 1)
  t.same(JSON.parse(err), { error, code: 'LATCHKEY_REFUSED' })
  t.match(await latchkey(['audit', 'tail', '--lines', 'x']), { code: 2, err: /whole number from 1/ })
  t.match(await latchkey(['audit', 'tail', '--earlier']), { code: 2, err: /--earlier needs --name/ })
})

test('secrets make prints a new secret that SESSION_SECRET accepts', async (t) => {
  const latchkey = commandIn(t)
  const one = await latchkey(['secrets', 'make'])
  t.match(one, { code: 0, out: /^[0-9a-f]{64}\n$/ })
  const other = JSON.parse((await latchkey(['secrets', 'make', '--json'])).out)
  t.match(other.secret, /^[0-9a-f]{64}$/)
  t.not(other.secret, one.out.trim())
})

test('a locked name can sign in again after a new password', async (t) => {
  const env = settings(t)
  const latchkey = commandIn(t, env)
  const { id } = JSON.parse((await latchkey(['users', 'add', 'alice', '--json'], password)).out)
  const database = await openSqlite(String(env.DATABASE_URL).replace('file:', ''))
  let later = 0
  const now = () => Date.now() + later
  const throttle = new Throttle({ counters: new SqliteCounters(database.noSync), now })
  t.teardown(async () => {
    await throttle.close()
    await database.close()
  })
  const failedAttempts = (count: number) =>
    database.sqlite.exec(`UPDATE accounts SET failed_attempts = ${count}`)
  const listed = async () => JSON.parse((await latchkey(['users', 'list', '--json'])).out)
  const from = async (host: number, ok: boolean) =>
    throttle.guard(
      { name: 'alice', account: id, address: `192.0.2.${host}`, device: undefined },
      async () => ({ ok })
    )
  for (const words of [
    ['passwd', 'ALICE', '--reason', 'forgotten'],
    ['enable', 'alice']
  ]) {
    for (let host = 0; host < 20; host += 1) await from(host, false)
    t.match(await from(99, true), { reason: 'throttled' })
    failedAttempts(90)
    t.match(await listed(), { failedAttempts: 90, closedTo: 'new browsers' })
    failedAttempts(100)
    t.match(
      (await latchkey(['users', 'list'])).out,
      /FAILED ATTEMPTS {2}CLOSED TO +SECOND FACTORS +EMAIL +ID\n.* 100 {14}all browsers +0 +- +[\w-]{22}\n$/
    )
    t.match(await latchkey(['users', ...words], 'another horse battery staple'), { code: 0 })
    // A service believes for a second that the name is held.
    later += 1000
    t.match(await from(99, false), { ok: false, reason: undefined })
    t.match(await listed(), { failedAttempts: 0, closedTo: null })
    await throttle.reset({ name: 'alice', account: id })
  }
  t.match((await latchkey(['audit', 'tail', '--event', 'password-change'])).out, / forgotten\n$/)
  t.match(await latchkey(['users', 'passwd', 'alice', '--reason', ' ']), { code: 1, err: /^Give a reason/ })
})

test('a misspelt setting is reported on standard error, apart from the result', async (t) => {
  const users = commandIn(t, { ...settings(t), DATABASE_ULR: 'postgres://db' })
  const { code, out, err } = await users(['users', 'list', '--json'])
  t.equal(code, 0)
  t.equal(out, '')
  t.equal(err, 'DATABASE_ULR is not a setting and has no effect. Did you mean DATABASE_URL?\n')
})

test('a password from standard input has no byte order mark, and one in an unknown encoding is refused', async (t) => {
  const env = settings(t)
  const latchkey = processIn(t, env)
  const passwords = new Passwords(readConfig({}).passwordHash)
  const hashOf = async (name: string) => {
    const { out } = await latchkey(['accounts', 'export'])
    const accounts = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    return accounts.find((account) => account.name === name).passwordHash
  }
  const text = 'käse und brot für alle'
  const utf16 = Buffer.from(`\uFEFF${text}\r\n`, 'utf16le')
  for (const [number, input] of [`\uFEFF${text}\n`, utf16, utf16.swap16()].entries()) {
    t.match(await latchkey(['users', 'add', `person${number}`], input), { code: 0 })
    t.equal(await passwords.verify(await hashOf(`person${number}`), text), true)
  }
  for (const input of [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf16le')])
    t.same(await latchkey(['users', 'add', 'other'], input), {
      code: 1,
      out: '',
      err: 'Standard input is not UTF-8 text. Nothing was changed.\n'
    })
})

test('the audit trail says who did it by kind and id: a name may be another’s by now', async (t) => {
  const env = settings(t)
  const latchkey = commandIn(t, env)
  const { id } = JSON.parse((await latchkey(['users', 'add', 'command', '--json'], password)).out)
  const { sql, close } = await openSqlite(String(env.DATABASE_URL).replace('file:', ''))
  const [by, at] = [{ kind: 'account', id, name: 'command' } as const, new Date()]
  await new AuditStore(sql).insert({ at, event: 'account-disable', name: 'bob', by })
  await close()
  const { out } = await latchkey(['audit', 'tail', '--json'])
  const [byCommand, byPerson] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.match(byCommand, { event: 'registration', actor: 'command', by: null, byAccount: null })
  t.match(byPerson, { event: 'account-disable', actor: 'account', by: 'command', byAccount: id })
})

test('groups are made, filled, shown and removed', async (t) => {
  const latchkey = commandIn(t)
  const json = async (...words: string[]) => {
    const { out } = await latchkey([...words, '--json'])
    return out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  }
  t.match(
    (await latchkey(['groups', 'list'])).out,
    /^There are no groups in \S+ yet\. Add one with "latchkey groups add/
  )
  for (const name of ['alice', 'bob']) await latchkey(['users', 'add', name], password)
  t.equal((await latchkey(['groups', 'add', 'Family'])).out, 'Added the group Family.\n')
  t.match(await latchkey(['groups', 'add', 'family']), { code: 1, err: /taken/ })
  await latchkey(['groups', 'add', 'staff'])
  t.equal((await latchkey(['users', 'group', 'ALICE'])).out, 'alice is in no group.\n')
  const misspelt = await latchkey(['users', 'group', 'alice', '--add', 'family', 'staf'])
  t.match(misspelt, { code: 1, err: /^There is no group called "staf", so nothing was changed\./ })
  t.match(await latchkey(['users', 'group', 'carol']), {
    code: 1,
    err: 'There is no account called "carol".\n'
  })
  const added = await latchkey(['users', 'group', 'alice', '--add', 'family', 'staff'])
  t.equal(added.out, 'alice is in Family, staff.\n', 'nothing was changed by the misspelt one')
  t.match(await json('users', 'group', 'bob', '--add', 'FAMILY'), [{ name: 'bob', groups: ['Family'] }])
  t.match(await json('users', 'group', 'alice', '--remove', 'staff'), [{ groups: ['Family'] }])
  t.match(await json('groups', 'list'), [
    { group: 'Family', members: 2, createdAt: /^\d{4}-/ },
    { group: 'staff', members: 0 }
  ])
  t.match(await latchkey(['groups', 'members', 'family']), { code: 0, out: 'NAME\nalice\nbob\n' })
  t.match(await latchkey(['groups', 'members', 'staff']), { out: 'Nobody is in the group staff.\n' })
  const asked = await latchkey(['groups', 'remove', 'family'])
  t.match(asked, { code: 1, err: /nobody is in it any more\. To confirm, add --yes\./ })
  t.match(await latchkey(['groups', 'remove', 'family', '--yes']), { out: 'Removed the group Family.\n' })
  t.match(await latchkey(['groups', 'members', 'family']), { code: 1, err: /^There is no group/ })
  t.match(await json('audit', 'tail', '-n', '3'), [
    { event: 'group-join', name: 'bob', detail: 'Family', actor: 'command' },
    { event: 'group-leave', name: 'alice', detail: 'staff' },
    { event: 'group-remove', name: null, detail: 'Family' }
  ])
})

test('why something is done is in the trail, for everything that is done to somebody', async (t) => {
  const env = settings(t)
  const latchkey = commandIn(t, env)
  await latchkey(['users', 'add', 'Alice', '--admin'], password)
  const added = await latchkey(['users', 'add', 'Bob', '--json'], password)
  const { id } = JSON.parse(added.out)
  const database = await openSqlite(env.DATABASE_URL?.replace('file:', '') ?? '', 1000)
  for (const token of ['one', 'two'])
    await new TokensStore(database).add({
      ...{ hash: token, id: token, account: id, name: token, hosts: [], forApi: false },
      expiresAt: new Date('2030-01-02T03:04:05Z')
    })
  await database.sql.updateTable('accounts').set({ failed_attempts: 100 }).where('id', '=', id).execute()
  await database.close()
  await latchkey(['groups', 'add', 'staff'])
  const done = [
    ['users tokens bob --end one', 'token-end'],
    ['users tokens bob --end-all', 'tokens-end'],
    ['users open bob', 'account-open'],
    ['users disable bob', 'account-disable'],
    ['users enable bob', 'account-enable'],
    ['users grant bob', 'role-change'],
    ['users revoke bob', 'role-change'],
    ['users group bob --add staff', 'group-join'],
    ['users group bob --remove staff', 'group-leave'],
    ['users email bob bob@example.org', 'address-change'],
    ['users email bob --remove', 'address-change'],
    ['users link bob', 'link-make'],
    ['users link bob --drop-factors', 'link-make'],
    ['users drop-factors bob', 'factors-drop'],
    ['sessions end bob --all', 'sessions-end'],
    ['users rename bob bobby', 'account-rename'],
    ['users remove bobby --yes', 'account-remove'],
    ['groups remove staff --yes', 'group-remove']
  ] as const
  for (const [command] of done) {
    const words = command.split(' ')
    const refused = await latchkey([...words, '--reason', ' '])
    t.match(refused, { code: 1, err: /^Give a reason/ }, `${command} takes no empty one`)
    t.match(await latchkey([...words, '--reason', `because of ${command}`]), { code: 0, err: '' }, command)
    if (command !== 'users open bob') continue
    const listed = JSON.parse((await latchkey(['users', 'list', '--search', 'bob', '--json'])).out)
    t.match(listed, { failedAttempts: 0, closedTo: null })
  }
  const trail = (await latchkey(['audit', 'tail', '-n', '100', '--json'])).out.trim().split('\n')
  const told = trail.map((line) => JSON.parse(line)).filter(({ reason }) => reason !== null)
  t.same(
    told.map(({ event, reason, actor, account }) => [event, reason, actor, account]),
    done.map(([command, event]) => [
      ...[event, `because of ${command}`, 'command'],
      event === 'group-remove' ? null : id
    ])
  )
})

test('somebody who cannot sign in gets a link, and loses second factors only for a reason', async (t) => {
  const env = settings(t)
  const latchkey = commandIn(t, { ...env, PUBLIC_URL: 'https://example.org/auth' })
  await latchkey(['users', 'add', 'Alice'], password)
  const link = await latchkey(['users', 'link', 'alice'])
  t.match(link, { code: 0, err: '' })
  t.match(link.out, /^Alice chooses a new password here\. Once, until \d\d:\d\d UTC: https:\S+\n$/)
  t.match(link.out, /: https:\/\/example\.org\/auth\/reset\?token=[\w-]{43}\n$/)
  const reason = 'Lost the phone'
  const dropping = await latchkey(['users', 'link', 'alice', '--drop-factors', '--reason', reason, '--json'])
  t.match(JSON.parse(dropping.out), {
    name: 'Alice',
    dropsFactors: true,
    expiresAt: /^\d{4}-/,
    url: /token=/
  })
  t.match(await latchkey(['users', 'link', 'alice', '--drop-factors']), {
    code: 1,
    err: /Give a reason/
  })
  t.match(await latchkey(['users', 'drop-factors', 'alice', '--reason', ' ']), {
    code: 1,
    err: /Give a reason/
  })
  t.match(await latchkey(['users', 'link', 'bob']), { code: 1, err: 'There is no account called "bob".' })
  t.match(await latchkey(['users', 'drop-factors', 'bob', '--reason', reason]), {
    code: 1,
    err: /no account/
  })
  t.equal((await latchkey(['users', 'factors', 'alice'])).out, 'Alice never had a second factor.\n')
  t.equal(
    (await latchkey(['users', 'drop-factors', 'alice', '--reason', reason])).out,
    'Alice signs in with the password alone from now on, and is signed out everywhere.\n'
  )
  await latchkey(['users', 'disable', 'alice'])
  t.match(await latchkey(['users', 'link', 'alice']), { code: 1, err: /users enable Alice/ })
  const trail = (await latchkey(['audit', 'tail', '--json'])).out.trim().split('\n')
  const events = trail
    .map((line) => JSON.parse(line))
    .map(({ event, actor, reason }) => [event, actor, reason])
  t.same(events.slice(1, 4), [
    ['link-make', 'command', null],
    ['link-make', 'command', reason],
    ['factors-drop', 'command', reason]
  ])
  const local = await commandIn(t, { ...env, PORT: '3456' })(['users', 'enable', 'alice'])
  t.equal(local.code, 0)
  const here = await commandIn(t, { ...env, PORT: '3456' })(['users', 'link', 'alice'])
  t.match(here.out, 'http://localhost:3456/reset?token=')
})

test('somebody is invited by mail, which the service sends, and an invitation is withdrawn', async (t) => {
  const latchkey = commandIn(t)
  t.equal((await latchkey(['users', 'invitations'])).out, 'Nobody is invited.\n')
  const invited = await latchkey(['users', 'invite', 'Ada@Example.org', '--admin', '--language', 'de'])
  t.match(invited, {
    code: 0,
    err: '',
    out: /^Ada@example\.org is invited as an administrator, until [\d: -]+ UTC\./
  })
  t.notMatch(invited.out, 'token=', 'the link is for whoever reads the mail')
  const listed = (await latchkey(['users', 'invitations', '--json'])).out
  const { invitation, ...rest } = JSON.parse(listed)
  t.match(rest, { address: 'Ada@example.org', role: 'admin', invitedBy: null })
  const mails = (await latchkey(['mail', 'list', '--json'])).out
  t.match(mails, '"template":"invitation"')
  const ended = await latchkey(['users', 'invitations', '--withdraw', invitation])
  t.match(ended, { code: 0, out: /^The invitation is withdrawn\./ })
  t.match(await latchkey(['users', 'invitations', '--withdraw', invitation]), {
    code: 1,
    err: /no such invitation/
  })
  t.match(await latchkey(['users', 'invite', 'ada']), { code: 1, err: /one e-mail address/ })
  const tag = ['--language', 'de\r\nBcc: eve@example.org']
  t.match(await latchkey(['users', 'invite', 'eve@example.org', ...tag]), { code: 2, err: /a language tag/ })
  t.match(await latchkey(['audit', 'tail']), {
    out: /invitation-make[\s\S]+invitation-withdraw|invitation-withdraw[\s\S]+invitation-make/
  })
  const without = commandIn(t, { ...settings(t), MAIL_URL: 'off' })
  t.match(await without(['users', 'invite', 'ada@example.org']), { code: 1, err: /sends no mail/ })
})

test('the tokens of somebody are printed and ended', async (t) => {
  const env = settings(t)
  const latchkey = commandIn(t, env)
  await latchkey(['users', 'add', 'alice'], password)
  t.equal((await latchkey(['users', 'tokens', 'ALICE'])).out, 'alice has no tokens.\n')
  const { database: address } = readConfig(env)
  const database = await openSqlite(address.kind === 'sqlite' ? address.file : '', 1000)
  const { id: account } = await database.sql.selectFrom('accounts').select('id').executeTakeFirstOrThrow()
  const store = new TokensStore(database)
  const add = (id: string) =>
    store.add({
      ...{ hash: id, id, account, name: `of ${id}`, hosts: ['app.example.org'], forApi: false },
      expiresAt: new Date('2030-01-02T03:04:05Z')
    })
  await Promise.all(['phone', 'calendar', 'backup'].map(add))
  t.match(
    (await latchkey(['users', 'tokens', 'alice'])).out,
    /TOKEN .*\n.*app\.example\.org .*2030-01-02 03:04 +-\n/
  )
  t.match(await latchkey(['users', 'tokens', 'alice', '--end', 'nobodys']), {
    code: 1,
    err: 'alice has no token "nobodys".\n'
  })
  t.equal(
    (await latchkey(['users', 'tokens', 'alice', '--end', 'phone'])).out,
    'Ended the token of phone of alice.\n'
  )
  const all = await latchkey(['users', 'tokens', 'alice', '--end-all', '--json'])
  t.match(JSON.parse(all.out), { name: 'alice', ended: 2 })
  t.equal(await store.count(account), 0)
  const { out } = await latchkey(['audit', 'tail', '-n', '2', '--json'])
  t.match(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event),
    ['token-end', 'tokens-end']
  )
  await database.close()
})

test('an address is shown, set as confirmed, and removed', async (t) => {
  const latchkey = commandIn(t)
  const email = (...words: string[]) => latchkey(['users', 'email', ...words])
  for (const name of ['alice', 'bob']) await latchkey(['users', 'add', name], password)
  t.match(await email('ALICE'), { code: 0, out: 'alice has no address.\n' })
  t.match(await email('alice', 'Alice@Example.org'), {
    out: 'The address of alice is Alice@example.org now.\n'
  })
  t.match(await email('alice', '--json'), { out: /"name":"alice","email":"Alice@example.org"/ })
  t.match(await latchkey(['users', 'list', '--json']), {
    out: /"email":"Alice@example.org"[\s\S]*"email":null/
  })
  t.match(await email('bob', 'alice@EXAMPLE.org'), { code: 1, err: /belongs to another account/ })
  t.match(await email('bob', 'Bob <bob@example.org>'), { code: 1, err: /one e-mail address alone/ })
  t.match(await email('bob', 'bob@example.org', '--remove'), { code: 1 })
  t.match(await email('carol', 'carol@example.org'), { code: 1, err: /no account called "carol"/ })
  t.match(await email('alice', '--remove'), { out: 'alice has no address any more.\n' })
  t.match(await latchkey(['audit', 'tail', '--json', '--name', 'alice']), { out: /address-change/ })
  const add = (...words: string[]) => latchkey(['users', 'add', ...words], password)
  const own = 'dora@example.org'
  t.match(await add(own, '--email', own, '--json'), { out: /"name":"dora@example.org",.*"email":"dora@/ })
  t.match(await email(own), { out: `${own}\n` })
  t.match(await add('eve', '--email', 'DORA@example.org'), { code: 1, err: /belongs to another account/ })
  t.match(await add('eve@example.org', '--email', 'eve@example.net'), { code: 1, err: /@/ })
  t.match(await add('eve', '--email', 'eve'), { code: 1, err: /e-mail address/ })
  t.notMatch((await latchkey(['users', 'list'])).out, /\beve/, 'nothing is left half done')
})
