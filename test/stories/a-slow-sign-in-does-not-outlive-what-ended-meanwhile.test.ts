import express from 'express'
import t, { type Test } from 'tap'
import { signIn } from '../../src/express/index.ts'
import { build, secret } from '../build.ts'
import { Browser, makeSession, serve } from '../express/web.ts'
import { startRedis } from '../servers/redis.ts'
import { longSessions } from '../servers/true-clock.ts'

const password = 'correct horse battery'

/** A request that has begun waits here until something else has happened. */
function gate() {
  const waiting: (() => void)[] = []
  return {
    wait: () => new Promise<void>((resolve) => void waiting.push(resolve)),
    hold: async () => {
      while (waiting.length === 0) await new Promise(setImmediate)
    },
    letGo: () => {
      for (const resolve of waiting.splice(0)) resolve()
    }
  }
}

/** The service and an Express app with the same sessions. Each lets somebody in whom it knows without a password. */
async function open(t: Test, where: string) {
  const { wait, hold, letGo } = gate()
  const DATABASE_URL = `file:${t.testdir()}/latchkey.db`
  const redis = where === 'the embedded database' ? {} : { REDIS_URL: (await startRedis(t)).url }
  const settings = { DATABASE_URL, ...redis, ...(where.includes('knows') && { ACCOUNTS_URL: DATABASE_URL }) }
  const app = await build(t, {
    env: { SESSION_SECRET: secret, REGISTRATION: 'open', DATABASE_URL, ...longSessions, ...redis },
    routes: (app) => {
      app.post<{ Params: { way: string; name: string } }>('/enter/:way/:name', async (request, reply) => {
        await wait()
        const { way, name } = request.params
        if (way === 'sign in') await reply.signIn({ name, role: 'user' })
        else request.session.user = name
        return 'in'
      })
    }
  })
  const program = express().use(
    makeSession(t, { settings, secret, name: 'latchkey', cookie: { sameSite: 'lax' } })
  )
  program.post('/enter/:way/:name', async (req, res) => {
    await wait()
    const { way, name } = req.params
    if (way === 'sign in') await signIn(req, name)
    if (way === 'regenerate') await new Promise((resolve) => req.session.regenerate(resolve))
    Object.assign(req.session, { user: name })
    res.send('in')
  })
  program.get('/who', (req, res) => void res.send(Reflect.get(req.session, 'user') ?? 'nobody'))
  const urls = {
    Fastify: await app.listen({ host: '127.0.0.1', port: 0 }),
    Express: await serve(t, program)
  }
  return { app, urls, hold, letGo }
}

const ways = {
  Fastify: ['its session', 'sign in'],
  Express: ['its session', 'regenerate', 'sign in']
} as const

for (const where of ['the embedded database', 'Redis', 'Redis, where the app knows the accounts']) {
  t.test(`over ${where}`, async (t) => {
    const { app, urls, hold, letGo } = await open(t, where)
    const endings: Record<string, (name: string) => Promise<unknown>> = {
      'a changed password': (username) =>
        app.latchkey.accounts.changePassword({ username, password: `${password} 2` }),
      'a disabled account': async (name) => {
        await app.latchkey.accounts.disable(name)
        await app.latchkey.accounts.enable(name)
      },
      'the end of all sessions': async (name) => {
        const account = await app.latchkey.accounts.find(name)
        if (account) await app.latchkey.sessions.revokeAllOf(account)
      }
    }
    let people = 0
    for (const place of ['Fastify', 'Express'] as const) {
      for (const [way, [what, end]] of ways[place].flatMap((way) =>
        Object.entries(endings).map((ending) => [way, ending] as const)
      )) {
        await t.test(`${way} in ${place}, and ${what}`, async (t) => {
          people += 1
          const name = `person-${people}`
          await app.latchkey.accounts.add({ username: name, password })
          const visitor = new Browser(urls[place])
          const entering = visitor.submit(`/enter/${encodeURIComponent(way)}/${name}`)
          await letGoAfter(() => end(name))
          const answer = await entering
          const who = new Browser(urls.Express, visitor.jar)
          t.equal((await who.get('/who')).body, 'nobody', `answered ${answer.status}`)

          const again = visitor.submit(`/enter/${encodeURIComponent(way)}/${name}`)
          await letGoAfter(async () => {})
          t.equal((await again).body, 'in')
          t.equal(
            (await new Browser(urls.Express, visitor.jar).get('/who')).body,
            name,
            'a request that began later'
          )
        })
      }
    }

    /** The request waits already when it happens. */
    async function letGoAfter(step: () => Promise<unknown>) {
      await hold()
      await step()
      letGo()
    }
  })
}
