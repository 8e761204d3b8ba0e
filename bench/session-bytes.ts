import type { Redis } from 'ioredis'
import { newAccountId } from '../src/identity/account-id.ts'
import { terseCookie } from '../src/sessions/cookie/session-cookie.ts'
import { deviceFields } from '../src/sessions/device.ts'
import { newSessionId } from '../src/sessions/session-keys.ts'
import { Sessions } from '../src/sessions/sessions.ts'
import { RedisStore } from '../src/sessions/stores/redis-store.ts'
import { readConfig } from '../src/settings/config.ts'
import { startRedis, stopRedis } from './side-by-side/redis-process.ts'

// Measures how much memory a signed-in session takes in Redis, everything counted, and which of its keys takes it.
//   node bench/session-bytes.ts
//   COUNT=1000000 node bench/session-bytes.ts
const count = Number(process.env.COUNT ?? 100_000)
const atOnce = 1000
const { lifetimes } = readConfig({ SESSION_SECRET: 'x'.repeat(32) })
const cookie = terseCookie({ originalMaxAge: null, sameSite: 'lax', secure: true, path: '/', httpOnly: true })
const device = deviceFields(
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36'
)

for (const each of [1, 3]) {
  const redis = await startRedis()
  const store = new RedisStore(redis.duplicate())
  const sessions = new Sessions({ store, lifetimes, ids: 'hashed' })
  await signIn(sessions, 0, newAccountId())
  const before = await usedMemory(redis)
  let account = newAccountId()
  for (let made = 0; made < count; made += atOnce) {
    const waiting: Promise<unknown>[] = []
    for (let n = made; n < Math.min(count, made + atOnce); n += 1) {
      if (n % each === 0) account = newAccountId()
      waiting.push(signIn(sessions, Math.floor(n / each), account))
    }
    await Promise.all(waiting)
  }
  const bytes = ((await usedMemory(redis)) - before) / count
  console.log(`${count} sessions, ${each} for each person: ${bytes.toFixed(0)} bytes each`)
  for (const pattern of ['sess:*', 'sess-of:*']) await describe(redis, pattern)
  await sessions.close()
  stopRedis(redis)
}

/** As a sign-in stores it: see plugins/session/new-sessions.ts. */
async function signIn(sessions: Sessions, person: number, account: string): Promise<void> {
  const owner = { user: `person-${person}`, account, accountRole: 'user', epoch: 1 } as const
  const address = `203.0.${(person >> 8) & 255}.${person & 255}`
  const proofs = { accountProofs: sessions.proofs.justNow(['password']) }
  await sessions.create(newSessionId(), { cookie, ...owner, ...proofs, address, ...device })
}

async function describe(redis: Redis, pattern: string): Promise<void> {
  const [, [key = '']] = await redis.scan(0, 'MATCH', pattern, 'COUNT', 1000)
  const encoding = await redis.object('ENCODING', key)
  const text = encoding === 'listpack' ? '' : await redis.get(key)
  console.log(
    `  ${key.length} characters of key, ${encoding}, MEMORY USAGE ${await redis.memory('USAGE', key)}`
  )
  if (text) console.log(`  ${text.length} characters: ${text}`)
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
}
