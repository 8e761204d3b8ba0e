// group: many-servers
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { alice, build, secret, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { type RedisServer, replicated, startRedis } from '../servers/redis.ts'
import { startRedisCluster } from '../servers/redis-cluster.ts'
import { startSentinelSetup } from '../servers/redis-sentinel.ts'

type App = Awaited<ReturnType<typeof build>>
const changed = 'a wholly different phrase'

/** Everything that ends sessions. Each user has two: of a laptop, and of a phone, which may go on. */
const endings: Record<string, (app: App, user: string, phone: Visitor, laptop: Visitor) => Promise<unknown>> =
  {
    'signing out': (_app, _user, _phone, laptop) => laptop.submit('/logout'),
    'ending one': async (_app, _user, phone) => {
      const { sessions } = (await phone.get('/api/sessions')).json()
      const { session } = sessions.find(({ isThis }: { isThis: boolean }) => !isThis)
      await phone.delete(`/api/sessions/${session}`)
    },
    'ending all others': (_app, _user, phone) => phone.delete('/api/sessions/others'),
    'signing out everywhere': (_app, _user, phone) => phone.delete('/api/sessions'),
    'a new password': (_app, _user, phone) =>
      phone.put('/api/password', { current: alice.password, password: changed }),
    'another role': (app, user) => app[services].accounts.setRole(user, 'admin'),
    disabling: (app, user) => app[services].accounts.disable(user),
    removing: (app, user) => app[services].accounts.remove(user)
  }

interface Way {
  readonly url: string
  /** Remembers where Redis is. @returns goes back there */
  remember(): Promise<() => Promise<unknown>>
}

const fromSnapshot = withOneRedis(async (redis) => {
  await redis.ask('SAVE')
  return async () => {
    await redis.stop()
    await redis.start()
  }
})

/** Everything that takes Redis back to where it was. */
const waysBack: Record<string, (t: Test) => Promise<Way>> = {
  'a restart from a snapshot': fromSnapshot,
  'a resync under the open connection': withOneRedis(async (redis, t) => {
    const other = await startRedis(t, '--repl-diskless-sync-delay', '0')
    await other.ask('REPLICAOF', '127.0.0.1', redis.port)
    await replicated(redis.port, [other.port])
    await other.ask('REPLICAOF', 'NO', 'ONE')
    return async () => {
      await redis.ask('REPLICAOF', '127.0.0.1', other.port)
      await replicated(other.port, [redis.port])
      await redis.ask('REPLICAOF', 'NO', 'ONE')
    }
  }),
  FLUSHALL: withOneRedis(async (redis) => () => redis.ask('FLUSHALL')),
  'a dump that is copied in after FLUSHALL': withOneRedis((redis) => restoring(redis, { flush: true })),
  'a dump that is copied in without the mark': withOneRedis((redis) => restoring(redis, { flush: false })),
  'a failover by Sentinel to a replica that lagged': async (t) => {
    const setup = await startSentinelSetup(t)
    return {
      url: setup.url,
      remember: async () => {
        await setup.replicated()
        const master = await setup.master()
        await leaveReplicasBehind(master)
        return async () => {
          await master.stop()
          await setup.failOver()
        }
      }
    }
  },
  'a failover of every master of a Cluster to a replica that lagged': async (t) => {
    const cluster = await startRedisCluster(t)
    return {
      url: cluster.url,
      remember: async () => {
        await cluster.replicated()
        const masters = cluster.nodes.slice(0, 3)
        await Promise.all(masters.map(leaveReplicasBehind))
        return async () => {
          for (const master of masters) {
            await master.stop()
            await cluster.takeOver(master)
            await master.start()
          }
        }
      }
    }
  }
}

/** They lose their connections and get no others. */
async function leaveReplicasBehind(master: RedisServer): Promise<void> {
  await master.ask('ACL', 'SETUSER', 'default', '-psync', '-sync')
  await master.ask('CLIENT', 'KILL', 'TYPE', 'replica')
}

function withOneRedis(remember: (redis: RedisServer, t: Test) => ReturnType<Way['remember']>) {
  return async (t: Test): Promise<Way> => {
    const redis = await startRedis(t, '--appendonly', 'no', '--repl-diskless-sync-delay', '0')
    return { url: redis.url, remember: () => remember(redis, t) }
  }
}

async function restoring(redis: RedisServer, { flush }: { flush: boolean }) {
  const client = new Redis(redis.port)
  const keys = await client.keys(flush ? '*' : 'sess:*')
  const dumps = await Promise.all(keys.map((key) => client.dumpBuffer(key)))
  const lives = await Promise.all(keys.map(async (key) => Math.max(0, await client.pttl(key))))
  return async () => {
    await (flush ? client.flushall() : client.del((await client.keys('sess-mark:*'))[0] ?? ''))
    await Promise.all(
      keys.map((key, place) => client.restore(key, lives[place] ?? 0, dumps[place] ?? '', 'REPLACE'))
    )
    client.disconnect()
  }
}

for (const [wayBack, start] of Object.entries(waysBack)) {
  t.test(`after ${wayBack} nobody is let in who was signed out`, async (t) => {
    const { url, remember } = await start(t)
    const app = await build(t, {
      env: { REDIS_URL: url, SESSION_SECRET: secret, REGISTRATION: 'open' }
    })
    const people = await Promise.all(
      Object.keys(endings).map(async (way) => {
        const user = way.replaceAll(' ', '-')
        const laptop = await signedIn(app, user)
        const phone = await signedIn(app, user)
        return { way, user, laptop, phone }
      })
    )
    const bystander = await signedIn(app, 'bystander')
    // The mark of the followers is in what Redis goes back to.
    await app[services].sessions.ping()
    const goBack = await remember()
    for (const { way, user, laptop, phone } of people) await endings[way]?.(app, user, phone, laptop)
    const cookies = people.map(({ laptop }) => laptop)

    await goBack()
    const answers = await Promise.all(cookies.map((visitor) => answerOf(visitor)))
    t.same(
      people.map(({ way }, place) => `${way}: ${answers[place]}`),
      people.map(({ way }) => `${way}: 303`)
    )
    t.equal(await answerOf(bystander), wayBack === 'FLUSHALL' ? 303 : 200, 'who was not signed out')
  })
}

for (const ids of ['hashed', 'plain']) {
  t.test(`with ${ids} ids a former id does not come back either`, async (t) => {
    const { url, remember } = await fromSnapshot(t)
    const app = await build(t, {
      env: { REDIS_URL: url, SESSION_SECRET: secret, SESSION_IDS: ids, REGISTRATION: 'open' }
    })
    const [laptop, phone, tablet] = [
      await signedIn(app, 'alice'),
      await signedIn(app, 'bob'),
      await signedIn(app, 'carol')
    ]
    await app[services].sessions.ping()
    const goBack = await remember()
    const former = { ...laptop.cookies }
    await laptop.post('/confirm', alice)
    t.notSame(laptop.cookies, former)
    await phone.post('/confirm', alice)
    await laptop.submit('/logout')
    const changing = { ...tablet.cookies }
    const { statusCode } = await tablet.put('/api/password', { current: alice.password, password: changed })
    t.equal(statusCode, 200)
    await goBack()
    laptop.cookies = former
    t.equal(await answerOf(laptop), 303)
    tablet.cookies = changing
    t.equal(await answerOf(tablet), 303, 'that of the session which changed the password')
  })
}

async function signedIn(app: App, username: string): Promise<Visitor> {
  const { accounts } = app[services]
  if (!(await accounts.find(username))) await accounts.add({ ...alice, username })
  const visitor = new Visitor(app, 'program')
  const { statusCode } = await visitor.post('/login', { ...alice, username })
  if (statusCode >= 400) throw new Error(`${username} cannot sign in: ${statusCode}`)
  return visitor
}

/** The first answer that is not an error: 303 is the way to the sign-in page. */
async function answerOf(visitor: Visitor): Promise<number> {
  return eventually('an answer', async () => {
    const browser = new Visitor(visitor.app, 'browser')
    browser.cookies = { ...visitor.cookies }
    const { statusCode } = await browser.get('/dashboard')
    return statusCode === 503 ? undefined : statusCode
  })
}
