import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Redis } from 'ioredis'
import type { AccountState } from '../src/accounts/account.ts'
import { AccountsStore } from '../src/accounts/accounts-store.ts'
import { Passwords } from '../src/accounts/passwords.ts'
import type { Database } from '../src/database/database.ts'
import { openSqlite } from '../src/database/sqlite.ts'
import { FactorsStore } from '../src/factors/factors-store.ts'
import { readConfig } from '../src/settings/config.ts'
import { startRedis, stopRedis, urlOf } from './side-by-side/redis-process.ts'
import { startService, untilReady } from './start-service.ts'

// Measures what others notice while a person with very many sessions looks at them, signs out everywhere, and is disabled:
// the p99 of their pages, beside that of quiet seconds just before, in one run.
//   node bench/many-sessions.ts                      100,000 sessions, about a minute for both stores
//   node bench/many-sessions.ts --sessions 1000000
//   node bench/many-sessions.ts --store redis
const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '100000' },
    store: { type: 'string' },
    seconds: { type: 'string', default: '4' }
  }
})
const count = Number(values.sessions)
const seconds = Number(values.seconds)
const stores = values.store ? [values.store] : ['sqlite', 'redis']
const everyMilliseconds = 5
const password = 'correct horse battery'
const agent = new Agent({ keepAlive: true })

interface People {
  readonly crowded: Visitor
  readonly admin: Visitor
}

const acts: Record<string, (people: People) => Promise<unknown>> = {
  'opens the list': async ({ crowded }) => {
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(50))
      await crowded.ask('GET', '/account/sessions', 200)
  },
  'signs out everywhere': ({ crowded }) => crowded.ask('DELETE', '/api/sessions', 200),
  'is disabled': ({ admin }) => admin.ask('POST', '/api/accounts/crowded/disable', 200)
}

/** With a service and a store of its own: what one act leaves to be deleted would be deleted in the next one's quiet seconds. */
async function measure(store: string, act: string) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  const file = join(folder, 'latchkey.db')
  const redis = store === 'redis' ? await startRedis() : undefined
  const code = await makeAccounts(file)
  const child = startService({
    DATABASE_URL: `file:${file}`,
    SESSIONS_PER_ACCOUNT: '0',
    ...(redis && { REDIS_URL: urlOf(redis) })
  })
  const gone = once(child, 'close')
  try {
    const service = await untilReady(child)
    const visitor = await Visitor.signIn(service, 'visitor')
    const crowded = await Visitor.signIn(service, 'crowded')
    await (redis ? fillRedis(redis) : fillSqlite(file))
    // Who must have proved two factors in the last ten minutes.
    const admin = await Visitor.signIn(service, 'admin', code)
    await sleep(1000)
    const quiet = await visitUntil(visitor, sleep(seconds * 1000))
    const begun = performance.now()
    let took = 0
    const acting = acts[act]?.({ crowded, admin }).then(() => {
      took = performance.now() - begun
      // Whatever goes on after the answer belongs to it.
      return sleep(1000)
    })
    const during = await visitUntil(visitor, Promise.resolve(acting))
    const [after, before] = [p99(during), p99(quiet)]
    const columns = [store, act, took, after, before, after / before]
    const texts = columns.map((column) => (typeof column === 'number' ? column.toFixed(1) : column))
    console.log(`| ${texts.join(' | ')} |`)
  } finally {
    child.kill()
    await gone
    if (redis) stopRedis(redis)
    rmSync(folder, { recursive: true })
  }
}

async function makeAccounts(file: string) {
  const database = await openSqlite(file)
  const accounts = new AccountsStore(database)
  const passwordHash = await new Passwords(readConfig(process.env).passwordHash).hash(password)
  for (const name of ['visitor', 'crowded', 'admin'])
    await accounts.insert({ name, key: name, passwordHash, role: name === 'admin' ? 'admin' : 'user' })
  const admin = await accounts.find('admin')
  const code = admin && (await secondFactor(database, admin))
  await database.close()
  return code
}

/** Administrators need two factors. @returns a recovery code, which comes with the first one */
async function secondFactor(database: Database, { id, version }: AccountState): Promise<string> {
  const added = await new FactorsStore(database).addTotp({ id, version }, { seed: 'never used', step: 0 })
  return added?.recoveryCodes?.[0] ?? ''
}

/** Copies the session that the service made, under other keys and used before it. */
async function fillSqlite(file: string) {
  const database = await openSqlite(file, 10_000)
  const { sqlite } = database
  const own =
    sqlite
      .prepare(`SELECT * FROM sessions WHERE record LIKE '%"crowded"%' ORDER BY used_at DESC LIMIT 1`)
      .get() ?? {}
  const columns = Object.keys(own)
  const insert = sqlite.prepare(`INSERT INTO sessions (${columns}) VALUES (${columns.map(() => '?')})`)
  const part = 5000
  for (let made = 0; made < count; made += part) {
    sqlite.exec('BEGIN IMMEDIATE')
    for (let number = made; number < Math.min(made + part, count); number += 1) {
      const copy = {
        ...own,
        key: randomBytes(16).toString('base64url'),
        used_at: Number(own.used_at) - number
      }
      insert.run(...columns.map((column) => Reflect.get(copy, column)))
    }
    sqlite.exec('COMMIT')
    await sleep(0)
  }
  // Or the service would do it at its next commit.
  sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  await database.close()
}

async function fillRedis(redis: Redis) {
  const lastOf = async (index: string) => `sess:${await redis.zrevrange(index, 0, 0)}`
  const [index = ''] = await findAsync(await redis.keys('sess-of:*'), async (index) =>
    /"crowded"/.test(String(await redis.get(await lastOf(index))))
  )
  const own = await lastOf(index)
  for (let made = 0; made < count; made += 1000)
    await redis.eval(
      `local text, ends = redis.call('GET', KEYS[1]), redis.call('PEXPIRETIME', KEYS[1])
       local score = redis.call('ZSCORE', KEYS[2], string.sub(KEYS[1], 6))
       for n = ARGV[1] + 1, ARGV[2] do
         local key = string.sub(redis.sha1hex(KEYS[1] .. n), 1, 22)
         redis.call('SET', 'sess:' .. key, text, 'PXAT', ends)
         redis.call('ZADD', KEYS[2], string.format('%.0f', score - n), key)
       end`,
      2,
      own,
      index,
      made,
      Math.min(made + 1000, count)
    )
}

async function findAsync(keys: readonly string[], matches: (key: string) => Promise<boolean>) {
  const found = await Promise.all(keys.map(matches))
  return keys.filter((_, place) => found[place])
}

class Visitor {
  readonly #service: string
  readonly #cookie: string

  private constructor(service: string, cookie: string) {
    this.#service = service
    this.#cookie = cookie
  }

  static async signIn(service: string, username: string, code?: string): Promise<Visitor> {
    const body = { username, password, ...(code !== undefined && { code }) }
    const answer = await ask(service, { method: 'POST', path: '/api/session', body })
    if (answer.status !== 200) throw new Error(`signing in was answered ${answer.status}`)
    return new Visitor(service, answer.cookie)
  }

  async ask(method: string, path: string, wanted: number): Promise<void> {
    const { status } = await ask(this.#service, { method, path, cookie: this.#cookie })
    if (status !== wanted) throw new Error(`${path} was answered ${status}`)
  }
}

interface Question {
  readonly method: string
  readonly path: string
  readonly cookie?: string
  readonly body?: object
}

async function ask(service: string, { method, path, cookie = '', body }: Question) {
  const headers = { cookie, ...(body && { 'content-type': 'application/json' }) }
  const asking = request(new URL(path, service), { agent, method, headers })
  asking.end(body && JSON.stringify(body))
  const [response] = await once(asking, 'response')
  response.resume()
  await once(response, 'end')
  const set = [response.headers['set-cookie'] ?? []].flat().map((line) => String(line).split(';')[0])
  return { status: Number(response.statusCode), cookie: set.join('; ') }
}

/** Visits at fixed times, whether or not the last one was answered. @returns how long each took, in milliseconds */
async function visitUntil(visitor: Visitor, end: Promise<unknown>): Promise<number[]> {
  let isOver = false
  const ended = end.finally(() => (isOver = true))
  const times: number[] = []
  const visits: Promise<unknown>[] = []
  for (let due = performance.now(); !isOver; due += everyMilliseconds) {
    await sleep(Math.max(0, due - performance.now()))
    const begun = due
    visits.push(visitor.ask('GET', '/dashboard', 200).then(() => times.push(performance.now() - begun)))
  }
  await Promise.all([ended, ...visits])
  return times
}

function p99(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.99)] ?? Number.NaN
}

console.log(
  `| store | ${count} sessions of one person | took, ms | others: p99, ms | when quiet, ms | ratio |\n|---|---|---|---|---|---|`
)
for (const store of stores) for (const act of Object.keys(acts)) await measure(store, act)
agent.destroy()
