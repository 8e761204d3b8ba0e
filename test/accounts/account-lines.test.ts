import t from 'tap'
import { parseLines, toLine } from '../../src/accounts/account-lines.ts'

const stored = {
  name: 'Ädä',
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
  role: 'admin',
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
  disabledAt: undefined,
  version: 7,
  failedAttempts: 42
} as const

t.test('an account survives a round trip through its line', async (t) => {
  const disabledAt = new Date('2026-02-03T04:05:06.789Z')
  const text = [toLine(stored), toLine({ ...stored, name: 'Bob', role: 'user', disabledAt })].join('\n')
  const { name, passwordHash, role, createdAt, failedAttempts } = stored
  t.same(parseLines(`${text}\n\n`), {
    ok: true,
    accounts: [
      { name, key: 'ädä', passwordHash, role, createdAt, disabledAt: undefined, failedAttempts },
      { name: 'Bob', key: 'bob', passwordHash, role: 'user', createdAt, disabledAt, failedAttempts }
    ]
  })
})

t.test('every fault is reported with its line number', async (t) => {
  const line = (changes: object) => JSON.stringify({ ...JSON.parse(toLine(stored)), ...changes })
  const text = [
    line({}),
    'name,hash',
    line({ name: 'ÄDÄ' }),
    line({ name: ' ' }),
    line({ name: 'b', passwordHash: 'correct horse battery' }),
    line({ name: 'c', role: 'root' }),
    line({ name: 'd', createdAt: 'yesterday' }),
    line({ name: 'e', disabledAt: undefined }),
    line({ name: 'f', failedAttempts: -1 }),
    line({ name: 'g', failedAttempts: undefined }),
    '[]'
  ].join('\n')
  t.match(parseLines(text), {
    ok: false,
    faults: [
      'Line 2 is not JSON.',
      'Line 3 repeats a name.',
      /^Line 4 has an invalid name: /,
      /^Line 5 is not an account: "passwordHash" /,
      /^Line 6 is not an account: "role" /,
      'Line 7 has an invalid time.',
      /^Line 8 is not an account: .*disabledAt/,
      /^Line 9 is not an account: "failedAttempts" /,
      /^Line 10 is not an account: .*failedAttempts/,
      /^Line 11 is not an account: /
    ]
  })
})

t.test('empty input contains no accounts', async (t) => {
  t.same(parseLines('\n'), { ok: true, accounts: [] })
})
