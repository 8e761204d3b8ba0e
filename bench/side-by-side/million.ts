import { sign } from '@fastify/cookie'
import { Redis } from 'ioredis'
import { newAccountId } from '../../src/identity/account-id.ts'
import { terseCookie } from '../../src/sessions/cookie/session-cookie.ts'
import { deviceFields } from '../../src/sessions/device.ts'
import { Sessions } from '../../src/sessions/sessions.ts'
import { RedisStore } from '../../src/sessions/stores/redis-store.ts'
import { readConfig } from '../../src/settings/config.ts'
import { startRedis, urlOf } from './redis-process.ts'
import { secret } from './servers/serve.ts'

const atOnce = 1000
const userAgent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36'
const cookie = {
  expires: null,
  originalMaxAge: null,
  sameSite: 'lax',
  secure: false,
  path: '/',
  httpOnly: true,
  domain: null
}

export interface Filled {
  readonly redis: Redis
  /** The cookies of the last of them. */
  readonly cookies: readonly string[]
  /** With index and Redis's own overhead. */
  readonly bytesPerSession: number
}

/** Fills a Redis of its own with so many signed-in users, with one session each. */
export async function fillRedis(count: number, wanted: number): Promise<Filled> {
  const redis = await startRedis()
  const client = new Redis(urlOf(redis))
  const { lifetimes } = readConfig({ SESSION_LIFETIME: '12h', SESSION_IDLE: '12h' })
  const sessions = new Sessions({ store: new RedisStore(client), lifetimes, ids: 'hashed' })
  const before = await usedMemory(redis)
  const cookies: string[] = []
  for (let made = 0; made < count; made += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, count - made) }, (_, n) => signIn(made + n)))
  }
  const bytesPerSession = ((await usedMemory(redis)) - before) / count
  client.disconnect()
  return { redis, cookies, bytesPerSession }

  async function signIn(n: number): Promise<void> {
    const id = `${n}`.padStart(32, 'a-session-id-of-32-characters-00')
    const account = { user: `person-${n}`, account: newAccountId(), accountRole: 'user', epoch: 1 } as const
    const client = { address: '127.0.0.1', ...deviceFields(userAgent) }
    await sessions.create(id, { cookie: terseCookie(cookie), ...client, ...account })
    if (n >= count - wanted) cookies.push(`latchkey=${encodeURIComponent(`s:${sign(id, secret)}`)}`)
  }
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
}
