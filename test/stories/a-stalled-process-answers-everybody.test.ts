import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { alice, secret } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import { type Service, startService } from '../servers/service.ts'
import { startSlowProxy } from '../servers/slow-proxy.ts'

const people = 100

/** The service over Redis and PostgreSQL, each behind a slow proxy, with alice signed in. */
async function start(t: Test, patience: string) {
  const [redis, postgres] = await Promise.all([startRedis(t), startPostgres(t)])
  const database = new URL(await postgres.newDatabase())
  const [toRedis, toPostgres] = await Promise.all([
    startSlowProxy(t, redis.port),
    startSlowProxy(t, Number(database.port))
  ])
  database.port = String(toPostgres.port)
  const service = await startService(t, {
    env: {
      REDIS_URL: `redis://127.0.0.1:${toRedis.port}`,
      DATABASE_URL: database.href,
      SESSION_SECRET: secret,
      METRICS_TOKEN: secret,
      SESSION_CACHE: '0',
      STORAGE_PATIENCE: patience,
      // What a service has that is not set otherwise.
      MAX_STALL: '2s'
    }
  })
  const cookie = await eventually(
    'alice to be signed in',
    async () => (await cookiesOf(`${service.url}/register`)) ?? (await cookiesOf(`${service.url}/login`))
  )
  return { redis, postgres, toRedis, toPostgres, service, cookie }
}

/** The cookies for alice, or undefined if the storage took too long. */
async function cookiesOf(form: string): Promise<string | undefined> {
  const { headers } = await fetch(form, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(alice)
  })
  const cookies = headers.getSetCookie().map((one) => one.split(';')[0])
  return cookies.some((one) => one?.startsWith('latchkey=')) ? cookies.join('; ') : undefined
}

async function statusOf(url: string, cookie: string): Promise<number> {
  const response = await fetch(url, { headers: { cookie }, redirect: 'manual' })
  await response.arrayBuffer()
  return response.status
}

function ask(service: Service, page: string, cookie: string): Promise<number[]> {
  return Promise.all(Array.from({ length: people }, () => statusOf(service.url + page, cookie)))
}

/** The metric of failed store operations. */
const failed = /^latchkey_store_seconds_count\{.*outcome="failed"/m

async function numbersOf(service: Service): Promise<string> {
  const headers = { authorization: `Bearer ${secret}` }
  return (await fetch(`${service.url}/metrics`, { headers })).text()
}

t.test('with a storage timeout of 3 s', async (t) => {
  const { service, toRedis, toPostgres, cookie } = await start(t, '3s')

  t.test('stopped for 5 s with 100 requests waiting for Redis, it answers all of them', async (t) => {
    toRedis.hold()
    const answers = ask(service, '/dashboard', cookie)
    await eventually('all of them ask Redis', async () => toRedis.underWay('sess:') >= people)
    service.signal('SIGSTOP')
    toRedis.release()
    await sleep(5000)
    service.signal('SIGCONT')
    const newcomers = ask(service, '/login', '')
    t.same(new Set(await answers), new Set([200]))
    t.same(new Set(await newcomers), new Set([200]), 'new requests are not refused')
  })

  t.test('stopped for 5 s with requests waiting for PostgreSQL, it answers all of them', async (t) => {
    await ask(service, '/account/activity', cookie)
    toPostgres.hold()
    const answers = ask(service, '/account/activity', cookie)
    // Of ten connections some may be looking for mail.
    await eventually('they ask PostgreSQL', async () => toPostgres.underWay('select ') >= 7)
    service.signal('SIGSTOP')
    toPostgres.release()
    await sleep(5000)
    service.signal('SIGCONT')
    t.same(new Set(await answers), new Set([200]))
  })

  // Each stop takes more than a part of the timeout, in which both stores are well, however busy the machine.
  t.test('with little CPU time it answers late, but does not blame the storage', async (t) => {
    let isOver = false
    const starving = (async () => {
      while (!isOver) {
        service.signal('SIGSTOP')
        await sleep(700)
        service.signal('SIGCONT')
        await sleep(100)
      }
    })()
    const answers: number[] = []
    for (let round = 0; round < 3; round++) {
      const pages = Array.from({ length: 10 }, (_, n) => (n % 2 ? '/dashboard' : '/account/activity'))
      answers.push(...(await Promise.all(pages.map((page) => statusOf(service.url + page, cookie)))))
    }
    isOver = true
    await starving
    t.same(new Set(answers), new Set([200]))
  })
})

t.test('with a storage timeout of half a second', async (t) => {
  const { service, redis, postgres, cookie } = await start(t, '500ms')

  t.test('a hanging Redis is not waited for', async (t) => {
    redis.pause()
    // It is blocked after sending the responses.
    t.same(new Set(await ask(service, '/dashboard', cookie)), new Set([503]))
    t.match(await numbersOf(service), failed)
    redis.resume()
    await eventually(
      'the dashboard',
      async () => (await statusOf(`${service.url}/dashboard`, cookie)) === 200
    )
  })

  t.test('a hanging PostgreSQL is not waited for', async (t) => {
    await postgres.pause()
    t.same(new Set(await ask(service, '/account/activity', cookie)), new Set([503]))
    postgres.resume()
    const page = `${service.url}/account/activity`
    await eventually('the page', async () => (await statusOf(page, cookie)) === 200)
  })
})
