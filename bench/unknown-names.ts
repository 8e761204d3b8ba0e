import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Accounts } from '../src/accounts/accounts.ts'
import { AccountsStore } from '../src/accounts/accounts-store.ts'
import { hashOfEachCost } from '../src/accounts/hash-of-each-cost.ts'
import { Passwords } from '../src/accounts/passwords.ts'
import { openDatabase } from '../src/database/database.ts'
import { readConfig } from '../src/settings/config.ts'

// Compares the CPU time of refusals for existing and unknown names, also of names whose hashes are of other costs.
//   node bench/unknown-names.ts: with a new file
//   PASSWORD_HASH=m=65536,t=3,p=1 node bench/unknown-names.ts: after the cost was raised
//   DATABASE_URL=… node bench/unknown-names.ts: with an empty PostgreSQL
const rounds = 200
const folder = mkdtempSync(join(tmpdir(), 'latchkey-unknown-names-'))
const { DATABASE_URL = `file:${folder}/latchkey.db` } = process.env
const { PASSWORD_HASH } = process.env
const config = readConfig({
  DATABASE_URL,
  PASSWORD_HASH,
  REDIS_URL: 'redis://localhost',
  SESSION_SECRET: 'x'.repeat(32)
})
const { passwordHash, passwordMinLength } = config
const database = await openDatabase(config.database, { onLost: console.error, onBack: () => {} })
const store = new AccountsStore(database)
const passwords = new Passwords(passwordHash)
const accounts = new Accounts({
  store,
  passwords,
  sessions: {
    keyOf: (id) => id,
    applyChange: async () => 0,
    applyRename: async () => {},
    applyEndings: async () => {}
  },
  registration: 'open',
  passwordMinLength
})
const password = 'correct horse battery'
await accounts.add({ username: 'alice', password })
await accounts.add({ username: 'disabled', password })
await accounts.disable('disabled')
/** Other costs, which PASSWORD_HASH has been changed from, or imported ones. */
const earlier = { default: 'm=12288,t=3,p=1', owasp: 'm=19456,t=2,p=1', imported: 'm=4096,t=3,p=1' } as const
for (const [name, cost] of Object.entries(earlier)) {
  const [memoryKiB = 0, passes = 0, lanes = 0] = cost.match(/\d+/g)?.map(Number) ?? []
  const hash = await new Passwords({ memoryKiB, passes, lanes }).hash(password)
  await store.insert({ name, key: name, passwordHash: hash })
}

passwords.learnCostsOf(await hashOfEachCost(database.sql))

/** For the disabled account also the right password. */
const tries = {
  'a wrong password': { username: 'alice', password: 'not the password' },
  'an unknown name': { username: 'nobody', password: 'not the password' },
  'a disabled account': { username: 'disabled', password },
  ...Object.fromEntries(
    Object.entries(earlier).map(([username, cost]) => [
      `a hash of ${cost}`,
      { username, password: 'not the password' }
    ])
  )
}
const times = new Map(Object.keys(tries).map((what) => [what, [] as number[]]))
for (let round = 0; round < rounds; round += 1) {
  // Interleaved, so that other load on the machine affects both alike.
  for (const [what, credentials] of Object.entries(tries)) {
    // Of all threads; other load on the machine does not count.
    const before = process.cpuUsage()
    await accounts.verify(credentials)
    const { user, system } = process.cpuUsage(before)
    times.get(what)?.push((user + system) / 1000)
    await store.resetAttempts(credentials.username)
  }
}
await database.close()
rmSync(folder, { recursive: true })

const known = median(times.get('a wrong password') ?? [])
for (const [what, values] of times) {
  const middle = median(values)
  console.log(
    `${what}: ${middle.toFixed(2)} ms of CPU, ratio ${(middle / known).toFixed(3)} (median of ${rounds})`
  )
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
