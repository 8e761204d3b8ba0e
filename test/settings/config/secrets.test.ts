import t from 'tap'
import { faultsOf } from '../faults.ts'

const secret = 'a'.repeat(32)

t.test('a refused secret is not shown', async (t) => {
  t.notMatch(faultsOf({ SESSION_SECRET: 'hunter2-hunter2' }).join(), 'hunter2')
})

t.test('a password in an address is never shown', async (t) => {
  const addresses = [
    'postgres://user:hunter2@db.example.org/x',
    'postgres://user:x:hunter2@db.example.org/x',
    'postgres://user:x/hunter2@db.example.org/x',
    'postgres://user:hunter2@x@db.example.org/x',
    'postgres://:hunter2@db.example.org/x',
    'postgres://user:hun\nter2@db example.org/x'
  ]
  for (const address of addresses) {
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'PUBLIC_URL']) {
      const [fault = ''] = faultsOf({ [name]: address })
      t.match(fault, name)
      t.notMatch(fault.replaceAll('\n', ''), 'hunter2', `${name}=${address}`)
    }
  }
})

t.test('a password in a mistyped address of PostgreSQL is not shown either', async (t) => {
  for (const rest of ['user:hunter2', 'user:hunter2/x', 'h1:x?password=hunter2', ':hunter2'])
    for (const scheme of ['postgres://', 'postgres:/', 'postgres:'])
      t.notMatch(faultsOf({ DATABASE_URL: scheme + rest }).join(), 'hunter2', scheme + rest)
})

t.test('a password in a mistyped address of Redis is not shown either', async (t) => {
  const mistyped = [
    'user:hunter2',
    ':hunter2',
    'user:hunter2@',
    ':x/hunter2@h1',
    ':hunter2@h1,h2:x',
    ':%hunter2@h1'
  ]
  for (const rest of [...mistyped, 'h1?sentinelpassword=hunter2', 'h1/hunter2@h1']) {
    for (const scheme of ['redis', 'rediss', 'redis-sentinel', 'rediss-cluster', 'redis-other']) {
      const faults = faultsOf({ REDIS_URL: `${scheme}://${rest}`, SESSION_SECRET: secret })
      t.notMatch(faults.join(), 'hunter2', `${scheme}://${rest}`)
    }
  }
})
