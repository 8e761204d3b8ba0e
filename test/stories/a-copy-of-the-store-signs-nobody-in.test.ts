// group: attackers
import { DatabaseSync } from 'node:sqlite'
import { sign } from '@fastify/cookie'
import type { FastifyInstance } from 'fastify'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { alice, build, databaseFile, registerAlice, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'

/** Every text in Redis, keys and values. */
async function copyOfRedis(t: Test, url: string): Promise<string[]> {
  const redis = new Redis(url)
  t.teardown(() => redis.disconnect())
  const keys = await redis.keys('*')
  const values = keys.map(async (key) => {
    const type = await redis.type(key)
    if (type === 'zset') return redis.zrange(key, 0, '-1')
    if (type === 'hash') return Object.entries(await redis.hgetall(key)).flat()
    return [(await redis.get(key)) ?? '']
  })
  return [...keys, ...(await Promise.all(values)).flat()]
}

/** Every text in every table of the embedded database. */
function copyOfDatabase(app: FastifyInstance): string[] {
  const database = new DatabaseSync(databaseFile(app), { readOnly: true })
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const rows = tables.flatMap(({ name }) => database.prepare(`SELECT * FROM "${name}"`).all())
  database.close()
  return rows.flatMap((row) => Object.values(row)).map(String)
}

/** Every text that could be an id: whole texts, parts after a colon, values in JSON, and hashes that are written together. */
function candidatesIn(copy: readonly string[]): Set<string> {
  return new Set(
    copy.flatMap((text) => [
      text,
      text.slice(text.indexOf(':') + 1),
      ...text.split(/["{}[\],:]+/),
      ...(text.match(/[\w-]{22}/g) ?? [])
    ])
  )
}

/** A store that was too slow on a busy machine is asked again. */
async function answerTo(thief: Visitor): Promise<number> {
  const { statusCode } = await thief.get('/dashboard')
  return statusCode === 503 ? answerTo(thief) : statusCode
}

for (const where of ['the embedded database', 'Redis']) {
  t.test(`over ${where} a copy signs nobody in, even with the signing secret`, async (t) => {
    const redis = where === 'Redis' ? { REDIS_URL: (await startRedis(t)).url } : {}
    const app = await build(t, { env: { SESSION_SECRET: secret, ...redis } })
    const browser = await registerAlice(app)
    await browser.submit('/login', { ...alice, remember: 'on' })
    const copy = [...copyOfDatabase(app), ...(redis.REDIS_URL ? await copyOfRedis(t, redis.REDIS_URL) : [])]
    const candidates = candidatesIn(copy)
    t.ok([...candidates].includes('alice'), 'the copy contains the data')

    for (const candidate of candidates) {
      for (const value of [candidate, `s:${candidate}`, `s:${sign(candidate, secret)}`]) {
        const thief = new Visitor(app, 'program')
        thief.cookies = { latchkey: value }
        if ((await answerTo(thief)) !== 401) t.fail(`${value} is a valid token`)
      }
    }
    t.equal((await browser.get('/dashboard')).statusCode, 200, 'the real token is valid')
  })
}

t.test('with SESSION_IDS=plain a copy contains valid tokens, so hashed is the default', async (t) => {
  const redis = await startRedis(t)
  const app = await build(t, {
    env: { SESSION_SECRET: secret, REDIS_URL: redis.url, SESSION_IDS: 'plain' }
  })
  await registerAlice(app)
  const candidates = candidatesIn(await copyOfRedis(t, redis.url))
  const statuses = []
  for (const candidate of candidates) {
    const thief = new Visitor(app, 'program')
    thief.cookies = { latchkey: `s:${sign(candidate, secret)}` }
    statuses.push((await thief.get('/dashboard')).statusCode)
  }
  t.ok(statuses.includes(200), 'this search would find a token')
})
