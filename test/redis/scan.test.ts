import { Redis } from 'ioredis'
import t from 'tap'
import { estimateKeys } from '../../src/redis/scan.ts'
import { startRedis } from '../servers/redis.ts'

const server = await startRedis(t)

t.test(
  'few keys are counted, of many the share is known, and without INFO how many there are at least',
  async (t) => {
    const redis = new Redis(server.url)
    t.teardown(() => redis.disconnect())
    const fill = (prefix: string, count: number) =>
      redis.eval(`for n = 1, ARGV[1] do redis.call('SET', KEYS[1] .. n, n) end`, 1, prefix, count)
    await fill('sess:', 1000)
    await fill('sess-of:', 500)
    t.same(await estimateKeys(redis, 'sess:'), { count: 1000, precision: 'exact' })
    await fill('sess:', 30_000)
    await fill('sess-of:', 10_000)
    const { count, precision } = await estimateKeys(redis, 'sess:')
    t.equal(precision, 'about')
    t.ok(count > 27_000 && count < 33_000, `${count}`)
    await redis.acl('SETUSER', 'default', '-info')
    const least = await estimateKeys(redis, 'sess:')
    await redis.acl('SETUSER', 'default', '+info')
    t.equal(least.precision, 'at-least')
    t.ok(least.count > 2000 && least.count < 4100, `${least.count}`)
  }
)
