import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../src/database/database.ts'
import { newNonce } from '../src/endings/ending.ts'
import { Follower } from '../src/endings/follower.ts'
import { Ledger } from '../src/endings/ledger.ts'
import { endingKeys } from '../src/endings/redis-keys.ts'
import { Told } from '../src/endings/told.ts'
import { connectRedis } from '../src/redis/connect.ts'
import { readConfig } from '../src/settings/config.ts'

// Measures how quickly a Redis that forgot everything is told of 100,000 endings.
//   REDIS_URL=redis://localhost:6379 node bench/follow-endings.ts
//   REDIS_URL=redis://localhost:6379 DATABASE_URL=postgres://localhost/empty node bench/follow-endings.ts
const count = Number(process.env.COUNT ?? 100_000)
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
const file = `file:${join(folder, 'latchkey.db')}`
const config = readConfig({ DATABASE_URL: file, ...process.env, SESSION_SECRET: 'x'.repeat(32) })
const listener = { onLost: console.error, onBack: () => {} }
const database = await openDatabase(config.database, listener)
const redis = await connectRedis(config.redisUrl ?? 'redis://localhost:6379', listener)
const ledger = new Ledger(database.sql)
const keys = endingKeys('sess:', await ledger.id())
const until = Date.now() + 3_600_000
for (let made = 0; made < count; made += 5000) {
  const some = Array.from({ length: Math.min(5000, count - made) }, (_, index) => made + index)
  await Promise.all(
    some.map((index) =>
      ledger.log({ kind: 'session', key: `bench-${index}`, owner: 'bench', nonce: newNonce(), until })
    )
  )
}
await redis.del(keys.mark)
const options = { redis, ledger, keys, prefix: 'sess:', longestLife: 3_600_000, told: new Told() }
const [start, own, theirs] = [performance.now(), process.cpuUsage(), await cpuOfRedis()]
const { n } = await new Follower(options).follow()
const milliseconds = performance.now() - start
const { user, system } = process.cpuUsage(own)
const cpu = [(user + system) / 1000, (await cpuOfRedis()) - theirs].map((each) => each.toFixed(0))
console.log(
  `${count} endings followed in ${milliseconds.toFixed(0)} ms from ${database.kind}, up to number ${n}; ms of CPU: ${cpu[0]} in this process, ${cpu[1]} in Redis`
)

await redis.del(keys.mark)
redis.disconnect()
await database.close()
rmSync(folder, { recursive: true })

/** In milliseconds. */
async function cpuOfRedis(): Promise<number> {
  const seconds = [...(await redis.info('cpu')).matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)]
  return seconds.reduce((sum, [, each]) => sum + Number(each) * 1000, 0)
}
