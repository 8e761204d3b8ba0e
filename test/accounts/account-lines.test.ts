import t from 'tap'
import { parseLines, toLine } from '../../src/accounts/account-lines.ts'
import { newAccountId } from '../../src/identity/account-id.ts'

const other = newAccountId()
const stored = {
  id: 'AAECAwQFBgcICQoLDA0ODw',
  name: 'Ädä',
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0$c29tZSBoYXNoIG9yIG90aGVy',
  role: 'admin',
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
  disabledAt: undefined,
  version: 7,
  failedAttempts: 42
} as const

t.test('an account survives a round trip through its line', async (t) => {
  const disabledAt = new Date('2026-02-03T04:05:06.789Z')
  const text = [toLine(stored), toLine({ ...stored, id: other, name: 'Bob', role: 'user', disabledAt })].join(
    '\n'
  )
  const { id, name, passwordHash, role, createdAt, failedAttempts, version } = stored
  t.same(parseLines(`${text}\n\n`), {
    ok: true,
    accounts: [
      { id, name, key: 'ädä', passwordHash, role, createdAt, disabledAt: undefined, failedAttempts, version },
      {
        id: other,
        name: 'Bob',
        key: 'bob',
        passwordHash,
        role: 'user',
        createdAt,
        disabledAt,
        failedAttempts,
        version
      }
    ]
  })
})

t.test('when its owner signed in last survives it', async (t) => {
  const signedInAt = new Date('2026-03-04T05:06:07.890Z')
  const line = toLine({ ...stored, signedInAt })
  t.match(parseLines(line), { ok: true, accounts: [{ signedInAt }] })
  t.notMatch(toLine({ ...stored, signedInAt: undefined }), /signedIn/)
  const wrong = JSON.stringify({ ...JSON.parse(line), signedInAt: 'lately' })
  t.same(parseLines(wrong), { ok: false, faults: ['Line 1 has an invalid time.'] })
})

t.test('the groups of an account survive it too', async (t) => {
  const { groups: _, ...line } = JSON.parse(toLine({ ...stored, groups: ['Family', 'a,b'] }))
  t.match(parseLines(toLine({ ...stored, groups: ['Family', 'a,b'] })), {
    ok: true,
    accounts: [{ groups: ['Family', 'a,b'] }]
  })
  t.equal(JSON.parse(toLine({ ...stored, groups: [] })).groups, undefined)
  const faults = ['Line 1 has an invalid name of a group.']
  t.same(parseLines(JSON.stringify({ ...line, groups: ['Family', ' '] })), { ok: false, faults })
  t.match(parseLines(JSON.stringify({ ...line, groups: 'Family' })), { faults: [/"groups"/] })
})

t.test(
  'its confirmed address survives it, its language, and which mail its owner does not want',
  async (t) => {
    const emailAt = new Date('2026-01-02T03:04:05.678Z')
    const line = toLine({
      ...stored,
      email: 'Ädä@example.org',
      emailAt,
      language: 'de-AT',
      signInNotices: false
    })
    t.match(parseLines(line), {
      ok: true,
      accounts: [{ email: 'Ädä@example.org', emailAt, language: 'de-AT', signInNotices: false }]
    })
    t.notMatch(toLine(stored), /email|language|signIn/)
    const other = (changes: object) =>
      JSON.stringify({ ...JSON.parse(line), id: newAccountId(), name: 'Bob', ...changes })
    t.match(parseLines(other({ email: 'Bob <bob@example.org>' })), {
      faults: ['Line 1 has an invalid e-mail address.']
    })
    t.match(parseLines(other({ emailAt: 'now' })), { faults: ['Line 1 has an invalid time.'] })
    t.match(parseLines(`${line}\n${other({ email: 'ÄDÄ@EXAMPLE.org' })}`), {
      faults: ['Line 2 repeats an e-mail address.']
    })
  }
)

t.test('every fault is reported with its line number', async (t) => {
  const line = (changes: object) =>
    JSON.stringify({ ...JSON.parse(toLine({ ...stored, id: newAccountId() })), ...changes })
  const text = [
    line({ id: other }),
    'name,hash',
    line({ name: 'ÄDÄ' }),
    line({ name: ' ' }),
    line({ name: 'b', passwordHash: 'correct horse battery' }),
    line({ name: 'c', role: 'root' }),
    line({ name: 'd', createdAt: 'yesterday' }),
    line({ name: 'k', createdAt: '2026-02-31T00:00:00Z' }),
    line({ name: 'e', disabledAt: undefined }),
    line({ name: 'f', failedAttempts: -1 }),
    line({ name: 'g', failedAttempts: undefined }),
    '[]',
    line({ name: 'h', id: other }),
    line({ name: 'i', id: 'alice' }),
    line({ name: 'j', version: 2 ** 31 })
  ].join('\n')
  t.match(parseLines(text), {
    ok: false,
    faults: [
      'Line 2 is not JSON.',
      'Line 3 repeats a name.',
      /^Line 4 has an invalid name: /,
      /^Line 5 has a hash that is none of argon2/,
      /^Line 6 is not an account: "role" /,
      'Line 7 has an invalid time.',
      'Line 8 has an invalid time.',
      /^Line 9 is not an account: .*disabledAt/,
      /^Line 10 is not an account: "failedAttempts" /,
      /^Line 11 is not an account: .*failedAttempts/,
      /^Line 12 is not an account: /,
      'Line 13 repeats an id.',
      /^Line 14 is not an account: "id" /,
      /^Line 15 is not an account: "version" /
    ]
  })
})

t.test('a hash that no check could use is refused', async (t) => {
  const { passwordHash } = stored
  for (const hash of [
    '$argon2id$',
    passwordHash.replace('m=19456', 'm=4194304'),
    passwordHash.replace('t=2', 't=100'),
    passwordHash.replace('p=1', 'p=0'),
    passwordHash.replace('argon2id', 'argon2x'),
    passwordHash.replace('v=19', 'v=7'),
    passwordHash.slice(0, -20),
    `${passwordHash}\n`,
    '$2b$10$abcdefghijklmnopqrstuv'
  ]) {
    const [fault] = [parseLines(toLine({ ...stored, passwordHash: hash }))].flatMap((one) =>
      one.ok ? [] : one.faults
    )
    t.match(fault, /^Line 1 has a hash/, hash)
  }
  for (const hash of [passwordHash.replace('argon2id', 'argon2i'), passwordHash.replace('$v=19', '')])
    t.ok(parseLines(toLine({ ...stored, passwordHash: hash })).ok, hash)
})

t.test('a line of another program may have no id', async (t) => {
  const { id, ...line } = JSON.parse(toLine(stored))
  const parsed = parseLines(JSON.stringify(line))
  t.ok(parsed.ok && parsed.accounts.every((account) => !('id' in account)))
})

t.test('empty input contains no accounts', async (t) => {
  t.same(parseLines('\n'), { ok: true, accounts: [] })
})
