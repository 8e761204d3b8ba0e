import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { AccountState } from '../src/accounts/account.ts'
import { AccountsStore } from '../src/accounts/accounts-store.ts'
import { Passwords } from '../src/accounts/passwords.ts'
import type { Database } from '../src/database/database.ts'
import { openSqlite } from '../src/database/sqlite.ts'
import { FactorsStore } from '../src/factors/factors-store.ts'
import { Groups } from '../src/groups/groups.ts'
import { GroupsStore } from '../src/groups/groups-store.ts'
import { readConfig } from '../src/settings/config.ts'
import { startRedis, stopRedis, urlOf } from './side-by-side/redis-process.ts'
import { startService, untilReady } from './start-service.ts'

// Measures how long other processes of the service go on letting somebody in whose session one process has ended. A reader at
// each of the others asks as fast as it is answered, and everybody else's pages are asked for at a fixed rate meanwhile. What
// counts is when the last request that was still answered as signed in was sent, after the ending was confirmed. The same for
// somebody who is taken out of a group, whom the gate goes on naming as a member.
//   node bench/end-seen.ts                           3 processes, 100 pages a second each; about a minute for both stores
//   node bench/end-seen.ts --store redis --processes 5 --rate 200 --rounds 300
const { values } = parseArgs({
  options: {
    store: { type: 'string' },
    processes: { type: 'string', default: '3' },
    rate: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '100' }
  }
})
const processes = Number(values.processes)
const rounds = Number(values.rounds)
const everyMilliseconds = 1000 / Number(values.rate)
const password = 'correct horse battery'
const group = 'family'
const agent = new Agent({ keepAlive: true })

interface Way {
  /** What is asked of the process that ends. */
  readonly end: (at: string, person: Person) => Promise<unknown>
  /** What the others are asked, and whether the answer is still the old one. */
  readonly path: string
  readonly isOld: (answer: Answer) => boolean
}

const isIn = { path: '/dashboard', isOld: ({ status }: Answer) => status === 200 }
/** The last one closes the accounts. */
const ways: Readonly<Record<string, Way>> = {
  'sign-out': { ...isIn, end: (at, { own }) => done(at, { method: 'POST', path: '/logout', cookie: own }) },
  'sign out everywhere': {
    ...isIn,
    end: (at, { other }) => done(at, { method: 'DELETE', path: '/api/sessions', cookie: other })
  },
  'taken out of a group': {
    path: '/gate',
    isOld: ({ groups }) => groups === group,
    end: (at, { name, admin }) =>
      done(at, { method: 'DELETE', path: `/api/accounts/${name}/groups/${group}`, cookie: admin })
  },
  disabled: {
    ...isIn,
    end: (at, { name, admin }) =>
      done(at, { method: 'POST', path: `/api/accounts/${name}/disable`, cookie: admin })
  }
}

interface Person {
  readonly name: string
  readonly own: string
  /** Of another session of the same person. */
  readonly other: string
  readonly admin: string
}

async function measure(store: string) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  const file = join(folder, 'latchkey.db')
  const redis = store === 'redis' ? await startRedis() : undefined
  const code = await makeAccounts(file)
  const env = { DATABASE_URL: `file:${file}`, ...(redis && { REDIS_URL: urlOf(redis) }) }
  const children = Array.from({ length: processes }, () => startService(env))
  const gone = children.map((child) => once(child, 'close'))
  const load = new AbortController()
  try {
    const addresses = await Promise.all(children.map(untilReady))
    const visiting = Promise.all(addresses.map((address) => visit(address, load.signal)))
    // Thrown below; what else went wrong comes first.
    visiting.catch(() => {})
    const admin = await signIn(addresses[0] ?? '', 'admin', code)
    for (const [way, { end, ...reading }] of Object.entries(ways)) {
      const late: number[] = []
      let accepted = 0
      for (let round = 0; round < rounds; round += 1) {
        const [at = '', ...others] = [
          ...addresses.slice(round % processes),
          ...addresses.slice(0, round % processes)
        ]
        // One person may sign in 30 times in a row.
        const name = `reader-${round}`
        const own = await signIn(at, name)
        const other = way === 'sign out everywhere' ? await signIn(at, name) : ''
        const readers = others.map((address) => readUntilNew(address, own, reading))
        await Promise.all(readers.map(({ isReading }) => isReading))
        await end(at, { name, own, other, admin })
        const confirmed = performance.now()
        const lasts = await Promise.all(readers.map(({ lastAccepted }) => lastAccepted))
        const last = Math.max(...lasts) - confirmed
        if (last > 0) accepted += 1
        late.push(Math.max(0, last))
      }
      const at = (share: number) => quantile(late, share).toFixed(2)
      console.log(`| ${[store, way, rounds, accepted, at(0.5), at(0.99), at(1)].join(' | ')} |`)
    }
    load.abort()
    const times = (await visiting).flat()
    const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)].map((each) => each.toFixed(1))
    console.log(`${store}: ${times.length} pages of others, p50 ${p50} ms, p99 ${p99} ms`)
  } finally {
    load.abort()
    for (const child of children) child.kill()
    await Promise.all(gone)
    if (redis) stopRedis(redis)
    rmSync(folder, { recursive: true })
  }
}

/** Asks again as soon as it is answered. */
function readUntilNew(address: string, cookie: string, { path, isOld }: Pick<Way, 'path' | 'isOld'>) {
  const reading = Promise.withResolvers<void>()
  /** When it was sent. */
  const lastAccepted = (async () => {
    for (let last = 0, count = 0; ; count += 1) {
      const sent = performance.now()
      const answer = await ask(address, { method: 'GET', path, cookie })
      if (answer.status >= 400 && answer.status !== 401)
        throw new Error(`${path} was answered ${answer.status}`)
      if (!isOld(answer)) return last
      last = sent
      // By then the session is in this process's cache.
      if (count === 3) reading.resolve()
    }
  })()
  lastAccepted.catch(reading.reject)
  reading.promise.catch(() => {})
  return { isReading: reading.promise, lastAccepted }
}

/** Opens pages at fixed times. @returns how long each took, in milliseconds */
async function visit(address: string, until: AbortSignal): Promise<number[]> {
  const cookie = await signIn(address, 'visitor')
  const times: number[] = []
  const visits: Promise<unknown>[] = []
  for (let due = performance.now(); !until.aborted; due += everyMilliseconds) {
    await sleep(Math.max(0, due - performance.now()))
    const begun = due
    const page = done(address, { method: 'GET', path: '/dashboard', cookie })
    const visited = page.then(() => times.push(performance.now() - begun))
    visited.catch(() => {})
    visits.push(visited)
  }
  await Promise.all(visits)
  return times
}

async function makeAccounts(file: string) {
  const database = await openSqlite(file)
  const accounts = new AccountsStore(database)
  const passwordHash = await new Passwords(readConfig(process.env).passwordHash).hash(password)
  for (const name of ['visitor', 'admin', ...Array.from({ length: rounds }, (_, round) => `reader-${round}`)])
    await accounts.insert({ name, key: name, passwordHash, role: name === 'admin' ? 'admin' : 'user' })
  const admin = await accounts.find('admin')
  const code = admin && (await secondFactor(database, admin))
  const groups = new Groups({ store: new GroupsStore(database.sql), tell: async () => {} })
  await groups.add(group)
  for (let round = 0; round < rounds; round += 1) {
    const reader = await accounts.find(`reader-${round}`)
    if (reader) await groups.join(reader.id, group)
  }
  await database.close()
  return code
}

/** Administrators need two factors. @returns a recovery code, which comes with the first one */
async function secondFactor(database: Database, { id, version }: AccountState): Promise<string> {
  const added = await new FactorsStore(database).addTotp({ id, version }, { seed: 'never used', step: 0 })
  return added?.recoveryCodes?.[0] ?? ''
}

async function signIn(address: string, username: string, code?: string): Promise<string> {
  const body = { username, password, ...(code !== undefined && { code }) }
  return (await done(address, { method: 'POST', path: '/api/session', body })).cookie
}

interface Question {
  readonly method: string
  readonly path: string
  readonly cookie?: string
  readonly body?: object
}

interface Answer {
  readonly status: number
  readonly cookie: string
  /** Whom the gate names a member of what. */
  readonly groups: string
}

async function done(address: string, question: Question) {
  const answer = await ask(address, question)
  if (answer.status !== 200) throw new Error(`${question.path} was answered ${answer.status}`)
  return answer
}

async function ask(address: string, { method, path, cookie = '', body }: Question): Promise<Answer> {
  const headers = { cookie, ...(body && { 'content-type': 'application/json' }) }
  const asking = request(new URL(path, address), { agent, method, headers })
  asking.end(body && JSON.stringify(body))
  const [response] = await once(asking, 'response')
  response.resume()
  await once(response, 'end')
  const set = [response.headers['set-cookie'] ?? []].flat().map((line) => String(line).split(';')[0])
  const groups = String(response.headers['remote-groups'] ?? '')
  return { status: Number(response.statusCode), cookie: set.join('; '), groups }
}

function quantile(all: readonly number[], share: number): number {
  const ascending = all.toSorted((one, other) => one - other)
  return ascending[Math.min(ascending.length - 1, Math.floor(all.length * share))] ?? Number.NaN
}

console.log(
  `| store, ${processes} processes | ended by | times | let in once more | last sent after it, ms: p50 | p99 | worst |\n|---|---|---|---|---|---|---|`
)
for (const store of values.store ? [values.store] : ['sqlite', 'redis']) await measure(store)
agent.destroy()
