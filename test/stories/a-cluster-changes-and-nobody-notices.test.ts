// group: many-servers
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { askDashboard, redisKeyOf } from '../ask-dashboard.ts'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedisCluster } from '../servers/redis-cluster.ts'
import { asUser, clusterRights } from '../servers/redis-user.ts'

const cluster = await startRedisCluster(t)
/** As a user that may do what docs/deploying.md says, and no more. */
const env = { REDIS_URL: asUser(cluster.url), SESSION_SECRET: secret }

/** alice, signed in in several browsers. */
async function signInOften(app: FastifyInstance): Promise<Visitor[]> {
  const visitors = [await registerAlice(app), ...Array.from({ length: 7 }, () => new Visitor(app, 'browser'))]
  for (const visitor of visitors) await visitor.submit('/login', alice)
  return visitors
}

async function othersThan(key: string) {
  const master = await cluster.masterOf(key)
  const masters = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((other) => cluster.masterOf(other)))
  return masters.filter((node) => node !== master)
}

/** Stores something under a new key of the session. */
function keepRoutes(app: FastifyInstance) {
  app.post<{ Params: { key: string } }>('/keep/:key', async ({ session, params }) => {
    Object.assign(session, { [params.key]: true })
    return {}
  })
  app.get(
    '/kept',
    async ({ session }) => Object.keys(session).filter((key) => key.startsWith('kept-')).length
  )
}

t.test('while a slot moves with its sessions every response is right', async (t) => {
  const app = await build(t, { env, routes: keepRoutes })
  const visitors = await signInOften(app)
  const [mover = visitors[0]!] = visitors
  const key = redisKeyOf(mover)
  const [to] = await othersThan(key)

  const asking = visitors.map((visitor) => askDashboard(t, visitor))
  let kept = 0
  let isOver = false
  const keeping = (async () => {
    for (; !isOver; kept++) t.equal((await mover.post(`/keep/kept-${kept}`)).statusCode, 200)
  })()
  const numbers = () => [kept, ...asking.map(({ counts }) => counts.pages)]
  /** Enough visits that the last of them were sent after the step and before the next. */
  const everybodyTwiceMore = async () => {
    const goals = numbers().map((number) => number + 2)
    await eventually('pages and changes', () => numbers().every((number, who) => number >= goals[who]!))
  }
  await cluster.moveSlotOf(key, to!, everybodyTwiceMore)
  await everybodyTwiceMore()
  isOver = true
  await keeping

  for (const { counts, stop } of asking) {
    await stop()
    t.equal(counts.refused, 0)
  }
  t.equal(await cluster.masterOf(key), to, 'the slot moved')
  t.equal((await mover.get('/kept')).json(), kept, 'every change was kept')
  await mover.submit('/logout')
  t.equal(await to!.ask('EXISTS', key), 0)
})

t.test('if a master dies its sessions wait for the replica, and the others go on', async (t) => {
  const app = await build(t, { env })
  const visitors = await signInOften(app)
  const [patient = visitors[0]!] = visitors
  const master = await cluster.masterOf(redisKeyOf(patient))
  const places = await Promise.all(visitors.map((visitor) => cluster.masterOf(redisKeyOf(visitor))))
  const elsewhere = visitors[places.findIndex((place) => place !== master)]!
  await cluster.replicated()

  await master.stop()
  const [waiting, served] = [askDashboard(t, patient), askDashboard(t, elsewhere)]
  await eventually('refusals there', () => waiting.counts.refused > 10)
  t.equal(waiting.counts.pages, 0)
  await eventually('mostly pages elsewhere', () => served.counts.pages > 10 + 2 * served.counts.refused)
  await cluster.takeOver(master)
  await eventually('a page from the replica', () => waiting.counts.pages > 0)
  await Promise.all([waiting.stop(), served.stop()])

  // A redirection tells of one session's place; those of the others are asked for then.
  for (const visitor of visitors)
    await eventually('each page', async () => (await visitor.get('/dashboard')).statusCode === 200)
  // The counters' own connection finds the new master by itself.
  for (const visitor of visitors) {
    await eventually('a sign-in', async () => (await visitor.submit('/login', alice)).statusCode === 303)
  }
  await master.start()
})

t.test('the documented rights were enough, and those of a Cluster are used', async (t) => {
  const used = new Set<string>()
  for (const node of cluster.nodes) {
    t.same(await node.ask('ACL', 'LOG'), [])
    const stats = String(await node.ask('INFO', 'commandstats'))
    for (const [, name = ''] of stats.matchAll(/^cmdstat_(.+?):calls=[1-9]/gm)) used.add(`+${name}`)
  }
  // For one node during a change, which may have been restarted and forgotten it since.
  const always = clusterRights.filter((right) => !['+readwrite', '+asking'].includes(right))
  t.same(
    always.filter((right) => !used.has(right)),
    []
  )
})
