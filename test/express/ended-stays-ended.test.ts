import { join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { startRedis } from '../servers/redis.ts'
import { open } from './web.ts'

t.test('with ACCOUNTS_URL what an Express app has ended stays ended when Redis loses it', async (t) => {
  const redis = await startRedis(t)
  const file = join(t.testdir(), 'accounts.db')
  const accounts = await openSqlite(file)
  t.teardown(() => accounts.close())
  const settings = { REDIS_URL: redis.url, ACCOUNTS_URL: `file:${file}` }
  const { browser } = await open(t, { settings }, (req, res) => {
    if (req.path === '/in') Object.assign(req.session, { user: 'Ada' })
    if (req.path === '/out') req.session.destroy(() => res.end())
    else res.end(String(Reflect.get(req.session, 'user')))
  })
  await browser.get('/in')
  t.equal((await browser.get('/')).body, 'Ada')
  const client = new Redis(redis.port)
  t.teardown(() => client.disconnect())
  const [key = ''] = await client.keys('sess:*')
  const [dump, life] = await Promise.all([client.dumpBuffer(key), client.pttl(key)])
  const twin = browser.copy()
  await browser.get('/out')
  t.match(accounts.sqlite.prepare('SELECT kind, owner FROM endings').all(), [
    { kind: 'session', owner: 'name:Ada' }
  ])

  await client.flushall()
  await client.restore(key, life, dump)
  t.equal((await twin.get('/')).body, 'undefined')
})
