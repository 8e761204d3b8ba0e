// group: real-processes
import { DatabaseSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { services } from '../../src/open-services.ts'
import { recordIn } from '../../src/sessions/session-text.ts'
import { openSessionStore } from '../../src/sessions/stores/open-store.ts'
import { readConfig } from '../../src/settings/config.ts'
import { alice, build, secret } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { patientSettings } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'
import { type Service, startService } from '../servers/service.ts'
import { longSessions } from '../servers/true-clock.ts'

const requests = 1000
const atOnce = 20
/** It is killed after so many acknowledgements, with others in every stage. */
const acknowledgedAtTheEnd = 15

for (const where of ['the embedded database', 'Redis']) {
  t.test(
    `kill -9 during ${requests} sign-ins and registrations loses nothing acknowledged, over ${where}`,
    async (t) => {
      const file = `${t.testdir()}/latchkey.db`
      const env = {
        DATABASE_URL: `file:${file}`,
        REGISTRATION: 'open',
        PASSWORD_HASH: 'm=12288,t=3,p=1',
        SESSION_SECRET: secret,
        ...longSessions,
        // So that each has its own address: from one address, some would have to wait.
        TRUST_PROXY: 'loopback',
        ...(where === 'Redis' && { REDIS_URL: (await startRedis(t)).url })
      }
      const service = await startService(t, { env })
      await askFor(service.url, { path: '/register', username: 'alice' })
      const acknowledged = await killInTheMiddle(service)
      t.ok(acknowledged.length < requests, `${acknowledged.length} of ${requests} were acknowledged`)

      // Registration stores a trial session first, which lasts a second.
      await eventually('whole sessions only', async () =>
        (await sessionsAtRest(env)).every(({ isComplete }) => isComplete)
      )
      t.equal(integrityOf(file), 'ok', 'the database is intact')
      // The clock of the service that was killed.
      const app = await build(t, { env, now: Date.now })
      for (const { username, cookie } of acknowledged) {
        const { body } = await app.inject({ url: '/dashboard', headers: { cookie } })
        if (body !== JSON.stringify({ user: username }))
          t.fail(`${username} was told they were signed in: ${body}`)
      }
      const names = (await app.latchkey.accounts.list()).map(({ name }) => name)
      const unknown = acknowledged.filter(({ username }) => !names.includes(username))
      t.same(unknown, [], 'every acknowledged registration has its account')
      for (const { user, isComplete } of await sessionsAtRest(env))
        if (!isComplete || !names.includes(user)) t.fail(`half a session of ${user}`)
      const known = new Set(acknowledged.map(({ username }) => username))
      for (const username of names.filter((name) => !known.has(name))) {
        const proof = await app[services].accounts.verify({ ...alice, username })
        if (!proof.ok) t.fail(`${username} has half an account`)
      }
      await endAll(t, env, await app.latchkey.accounts.list())
      t.same(await sessionsAtRest(env), [], 'every session is found through its owner')
    }
  )
}

interface Wish {
  readonly path: '/login' | '/register'
  readonly username: string
}

/** Half are sign-ins of alice, half registrations. @returns those acknowledged */
async function killInTheMiddle(service: Service) {
  const wishes: Wish[] = Array.from({ length: requests }, (_, index) =>
    index % 2 === 0
      ? { path: '/login', username: 'alice' }
      : { path: '/register', username: `person-${index}` }
  )
  const acknowledged: { username: string; cookie: string }[] = []
  let killed: Promise<void> | undefined
  const work = async () => {
    for (let wish = wishes.pop(); wish && !killed; wish = wishes.pop()) {
      const cookie = await askFor(service.url, wish).catch(() => undefined)
      if (cookie) acknowledged.push({ username: wish.username, cookie })
      if (acknowledged.length >= acknowledgedAtTheEnd) killed ??= service.stop('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  await killed
  return acknowledged
}

let asked = 0

/** @returns the cookie, once the whole response has arrived */
async function askFor(url: string, { path, username }: Wish): Promise<string | undefined> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.0.0.${++asked % 250}` },
    body: JSON.stringify({ ...alice, username })
  })
  await response.arrayBuffer()
  return response.ok ? response.headers.getSetCookie()[0]?.split(';')[0] : undefined
}

function integrityOf(file: string): unknown {
  const database = new DatabaseSync(file)
  const row = database.prepare('PRAGMA integrity_check').get()
  database.close()
  return row?.integrity_check
}

interface SessionAtRest {
  readonly user: string
  readonly account: string | undefined
  readonly isComplete: boolean
}

type Env = { readonly DATABASE_URL: string; readonly REDIS_URL?: string }

function sessionsAtRest({ DATABASE_URL, REDIS_URL }: Env): Promise<SessionAtRest[]> {
  return REDIS_URL ? inRedis(REDIS_URL) : inFile(DATABASE_URL.slice('file:'.length))
}

async function inFile(file: string): Promise<SessionAtRest[]> {
  const database = new DatabaseSync(file, { readOnly: true })
  const rows = database.prepare('SELECT record, owner FROM sessions WHERE expires_at > ?').all(Date.now())
  database.close()
  return rows.map(({ record, owner }) => {
    const session = judge(String(record))
    return { ...session, isComplete: session.isComplete && owner === session.account }
  })
}

async function inRedis(url: string): Promise<SessionAtRest[]> {
  const redis = new Redis(url)
  try {
    const keys = await redis.keys('sess:*')
    const sessions = keys.map(async (key) => {
      const session = judge(String(await redis.get(key)))
      return { ...session, isComplete: session.isComplete && (await redis.pttl(key)) > 0 }
    })
    return await Promise.all(sessions)
  } finally {
    // Also if a session ends in between: a client that is left keeps the process alive for ever.
    redis.disconnect()
  }
}

function judge(text: string): SessionAtRest {
  const { user, account, cookie, startedAt = 0 } = recordIn(text)
  return { user: user ?? '', account, isComplete: cookie !== undefined && startedAt > 0 }
}

async function endAll(t: Test, env: Env & { SESSION_SECRET: string }, accounts: readonly { id: string }[]) {
  const config = readConfig({ ...patientSettings, ...env })
  const database = await openSqlite(config.database.kind === 'sqlite' ? config.database.file : '')
  const listener = { onLost: (error: Error) => t.fail(error.message), onBack: () => {} }
  const store = await openSessionStore({ config, database, listener })
  for (const { id } of accounts) while ((await store.revokeSome(id)).length > 0);
  await store.close()
  await database.close()
}
