import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import latchkey from '../src/app.ts'
import { services } from '../src/open-services.ts'
import { serverOptions } from '../src/server/server-options.ts'
import { readConfig } from '../src/settings/config.ts'

// Compares the times of POST /forgot for five kinds of names and for addresses, with the mail server down.
//   node bench/reset-times.ts [ROUNDS]
const rounds = Number(process.argv[2] ?? 400)
const folder = mkdtempSync(join(tmpdir(), 'latchkey-reset-times-'))
const settings = {
  DATABASE_URL: `file:${folder}/latchkey.db`,
  MAIL_URL: 'smtp://127.0.0.1:9',
  LOG_LEVEL: 'fatal'
}
const config = readConfig(settings)
const app = Fastify(serverOptions(config))
await app.register(latchkey, { config })
await app.ready()
const { accounts, addresses } = app[services]
for (const username of ['known', 'gone', 'plain']) {
  await accounts.add({ username, password: 'correct horse battery' })
  const account = await accounts.find(username)
  if (account && username !== 'plain') await addresses.set(account.id, `${username}@example.org`, {})
}
await accounts.disable('gone')

const kinds = {
  'a name': 'known',
  'no name': 'other',
  'a disabled account': 'gone',
  'an account without an address': 'plain',
  'an address': 'known@example.org',
  'no address': 'other@example.org'
}
const times = new Map(Object.keys(kinds).map((kind) => [kind, [] as number[]]))
for (let round = 0; round < rounds; round += 1) {
  // Interleaved, and in another order each time, so that other load on the machine affects all alike.
  for (const [kind, username] of Object.entries(kinds).sort(() => Math.random() - 0.5)) {
    // Each from a network of its own, so that none has to wait.
    const remoteAddress = `10.${round >> 8}.${round & 255}.${Object.keys(kinds).indexOf(kind)}`
    const before = performance.now()
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/forgot',
      remoteAddress,
      payload: { username }
    })
    times.get(kind)?.push(performance.now() - before)
    if (statusCode !== 202) throw new Error(`${kind} was answered with ${statusCode}`)
  }
}
await app.close()
rmSync(folder, { recursive: true })

for (const [kind, each] of times) {
  const sorted = each.toSorted((one, other) => one - other)
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2)
  console.log(`${kind.padEnd(32)} median ${at(0.5)} ms, from ${at(0.25)} to ${at(0.75)} in half of the cases`)
}
