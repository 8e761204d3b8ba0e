// group: work-done
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { commandsOf } from '../servers/commands-of.ts'
import { startRedis } from '../servers/redis.ts'
import { startSlowProxy } from '../servers/slow-proxy.ts'
import { workDoneBy } from '../work-done.ts'

// Imported after the counters are installed.
const { alice, build, secret, Visitor } = await import('../build.ts')

const signIns = 10

async function settle(t: Test, env: Record<string, string> = {}) {
  const file = `${t.testdir()}/latchkey.db`
  const app = await build(t, { env: { ...env, DATABASE_URL: `file:${file}`, LOG_LEVEL: 'info' } })
  await app.latchkey.accounts.add(alice)
  return { app, commits: () => commitsIn(file) }
}

/** Signs in from a browser with at most a device cookie. */
async function signIn(app: FastifyInstance, known: Record<string, string> = {}) {
  const browser = new Visitor(app, 'program')
  Object.assign(browser.cookies, known)
  const { statusCode } = await browser.post('/login', alice)
  if (statusCode !== 200) throw new Error(`Signing in answered ${statusCode}`)
  return browser
}

/** The first one does one-time work; the others are counted. */
async function workOfSignIns(app: FastifyInstance, known?: Record<string, string>) {
  await signIn(app, known)
  const { statements, signatures } = await workDoneBy(async () => {
    for (let n = 0; n < signIns; n += 1) await signIn(app, known)
  })
  return { statements: statements / signIns, signatures: signatures / signIns }
}

/** The device cookie of a browser. */
async function knownAt(app: FastifyInstance) {
  const { cookies } = await signIn(app)
  return { 'latchkey-browser': cookies['latchkey-browser'] ?? '' }
}

/** Transactions in the write-ahead log, whatever made them: each ends with a frame that says how large the file is. */
function commitsIn(file: string): number {
  const wal = readFileSync(`${file}-wal`)
  const [header, frameHeader, pageSize] = [32, 24, wal.readUInt32BE(8)]
  const salt = wal.subarray(16, 24)
  let commits = 0
  for (let at = header; at + frameHeader <= wal.length; at += frameHeader + pageSize) {
    if (!wal.subarray(at + 8, at + 16).equals(salt)) break
    if (wal.readUInt32BE(at + 4) > 0) commits += 1
  }
  return commits
}

t.test(
  'with the embedded database a sign-in is six commits in a known browser, and seven in another',
  async (t) => {
    const { app, commits } = await settle(t)
    await signIn(app)
    const before = commits()
    await signIn(app)
    t.equal(commits() - before, 7)
    // The account found and looked at again, its count up and down, session and audit, its sessions counted; four
    // counters up, three down; the browser noted, and the oldest forgotten.
    t.same(await workOfSignIns(app), { statements: 7 + (4 + 2) + (3 + 2) + 2, signatures: 2 })

    const known = await knownAt(app)
    const { statements } = await workOfSignIns(app, known)
    t.equal(statements, 7 + (4 + 2) + (3 + 2) + 2, 'a known browser is looked up before and after')
    const beforeKnown = commits()
    await signIn(app, known)
    t.equal(commits() - beforeKnown, 6)
  }
)

t.test('with sessions and counters in Redis it is four commits and three round trips', async (t) => {
  const redis = await startRedis(t)
  const proxy = await startSlowProxy(t, redis.port)
  const env = { REDIS_URL: `redis://127.0.0.1:${proxy.port}`, SESSION_SECRET: secret }
  const { app, commits } = await settle(t, env)
  const roundTrips = () => [0, 1, 2, 3].reduce((sum, connection) => sum + proxy.roundTrips(connection), 0)
  await signIn(app)
  const commitsBefore = commits()
  const { evalsha, eval: sent, set } = await commandsOf(redis, () => signIn(app))
  t.same({ evalsha, sent, set }, { evalsha: 3, sent: undefined, set: 1 }, 'counters twice, index, session')
  t.equal(commits() - commitsBefore, 4)
  const trips: number[] = []
  for (let n = 0; n < 5; n += 1) {
    const before = roundTrips()
    await signIn(app)
    trips.push(roundTrips() - before)
  }
  // The median: a heartbeat may share the packet of a command.
  t.equal(trips.sort()[2], 3)
  const { statements, signatures } = await workOfSignIns(app)
  t.same({ statements, signatures }, { statements: 5 + 2, signatures: 2 })
})

t.test('a sign-in refused by a counter writes nothing', async (t) => {
  const { app, commits } = await settle(t)
  const wrong = { ...alice, password: 'not her password' }
  const guess = () => new Visitor(app, 'program').post('/login', wrong)
  // The fifth is the last before a wait, and the first one told of it is written down.
  for (let tries = 0; tries < 6; tries += 1) await guess()
  await new Promise(setImmediate)
  const before = commits()
  t.equal((await guess()).statusCode, 429)
  await new Promise(setImmediate)
  t.equal(commits() - before, 0)
})
