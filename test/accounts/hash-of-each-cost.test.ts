import t from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { hashOfEachCost } from '../../src/accounts/hash-of-each-cost.ts'
import { overEachDatabase } from '../servers/databases.ts'

const end = '$c29tZSBzYWx0$c29tZSBoYXNoIG9yIG90aGVy'
const costs = [
  '$argon2id$v=19$m=12288,p=1,t=3',
  '$argon2id$v=19$m=12288,p=1,t=30',
  '$argon2id$v=19$m=12288,t=3,p=1',
  '$argon2i$v=19$m=12288,p=1,t=3',
  '$argon2id$m=12288,p=1,t=3'
]

overEachDatabase(t, async (t, openDatabase) => {
  t.test('one hash of each cost is found, whatever follows the cost', async (t) => {
    const database = await openDatabase(t)
    const { sql } = database
    const store = new AccountsStore(database)
    t.same(await hashOfEachCost(sql), [])
    const hashes = costs.flatMap((cost) => [`${cost}${end}`, `${cost},keyid=abc${end}`, `${cost}${end}A`])
    for (const [number, passwordHash] of [...hashes, '$argon2id$', '$nonsense'].entries())
      await store.insert({ name: `${number}`, key: `${number}`, passwordHash })
    const found = await hashOfEachCost(sql)
    t.equal(found.length, costs.length + 1, 'with the one that has no cost')
    for (const cost of costs) t.equal(found.filter((hash) => startsWith(hash, cost)).length, 1, cost)
  })
})

function startsWith(hash: string, cost: string): boolean {
  return hash.startsWith(`${cost}$`) || hash.startsWith(`${cost},keyid`)
}
