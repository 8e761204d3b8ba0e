import t from 'tap'
import { alice, build, secret } from '../build.ts'
import { Browser } from '../express/web.ts'
import { startRedis } from '../servers/redis.ts'

const json = { accept: 'application/json' }
const rounds = 120

for (const where of ['the embedded database', 'Redis']) {
  t.test(`over ${where}`, async (t) => {
    const redis = where === 'Redis' ? { REDIS_URL: (await startRedis(t)).url } : {}
    const app = await build(t, { env: { SESSION_SECRET: secret, ...redis } })
    await app.latchkey.accounts.add(alice)
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const isIn = async (token: string | undefined) =>
      (await new Browser(url).get('/dashboard', { cookie: `latchkey=${token}`, ...json })).status === 200
    const outcomes = new Set<number>()
    const revived: string[] = []
    for (let round = 0; round < rounds; round += 1) {
      const browser = new Browser(url)
      await browser.submit('/login', alice, json)
      const before = browser.jar.get('latchkey')
      const [confirming, leaving] = [browser.copy(), browser.copy()]
      const confirm = confirming.submit('/confirm', { password: alice.password }, json)
      // From well before the session is renewed to after it.
      for (let turn = 0; turn < round; turn += 1) await new Promise(setImmediate)
      const leave = leaving.submit('/logout', {}, json)
      const [{ status }] = await Promise.all([confirm, leave])
      outcomes.add(status)
      const tokens = new Set([before, confirming.jar.get('latchkey')])
      for (const token of tokens) if (await isIn(token)) revived.push(`${round}: ${status}`)
    }
    t.same(revived, [])
    for (const status of outcomes) t.ok([200, 401].includes(status), `${status}`)
    t.comment(`the re-authentication was answered ${[...outcomes].sort().join(' and ')}`)
  })
}
