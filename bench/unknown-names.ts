import { Accounts } from '../src/accounts/accounts.ts'
import { AccountsStore } from '../src/accounts/accounts-store.ts'
import { Passwords } from '../src/accounts/passwords.ts'
import { readConfig } from '../src/config.ts'
import { openSqlite } from '../src/database/sqlite.ts'

// Does the time of a refusal tell whether there is such a person? `node bench/unknown-names.ts`
const rounds = 200
const { passwordHash, passwordMinLength } = readConfig({})
const database = await openSqlite(':memory:')
const accounts = new Accounts({
  store: new AccountsStore(database.sql),
  passwords: new Passwords(passwordHash),
  sessions: { endAll: async () => 0, endOthers: async () => 0 },
  registration: 'open',
  passwordMinLength
})
await accounts.add({ username: 'alice', password: 'correct horse battery' })

const times: Record<'alice' | 'nobody', number[]> = { alice: [], nobody: [] }
for (let round = 0; round < rounds; round += 1) {
  // Interleaved, so that what else the machine does falls on both alike.
  for (const username of ['alice', 'nobody'] as const) {
    const start = performance.now()
    await accounts.verify({ username, password: 'not the password' })
    times[username].push(performance.now() - start)
  }
}
await database.close()

const [known, unknown] = [median(times.alice), median(times.nobody)]
console.log(
  `wrong password ${known.toFixed(2)} ms, unknown name ${unknown.toFixed(2)} ms (medians of ${rounds})`
)
console.log(`ratio ${(unknown / known).toFixed(3)}`)

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
