// group: many-servers
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { redisKeyOf } from '../ask-dashboard.ts'
import { alice, build, secret, Visitor } from '../build.ts'
import { commandsOf } from '../servers/commands-of.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedisCluster } from '../servers/redis-cluster.ts'
import { workDoneBy } from '../work-done.ts'

const cluster = await startRedisCluster(t)
const requests = 50

function routes(app: FastifyInstance) {
  app.get('/fixed', async (request) => `for ${(await request.requireUser()).name}`)
  app.post('/note', async ({ session, body }) => Object.assign(session, Object(body)) && {})
  app.get('/note', async ({ session }) => ({ note: Reflect.get(session, 'note') }))
}

/** Two processes with the same stores, and alice, who is signed in. */
async function twoProcesses(t: Test, more: Record<string, string> = {}) {
  const file = join(t.testdir(), 'accounts.db')
  const env = { REDIS_URL: cluster.url, SESSION_SECRET: secret, DATABASE_URL: `file:${file}`, ...more }
  const [app, other] = [await build(t, { env, routes }), await build(t, { env, routes })]
  await app[services].accounts.add(alice)
  const browser = new Visitor(app, 'program')
  await browser.post('/login', alice)
  const elsewhere = new Visitor(other, 'program')
  elsewhere.cookies = browser.cookies
  return { app, other, browser, elsewhere }
}

/** What all nodes did while a step ran. */
async function workOfAll(step: () => Promise<unknown>): Promise<string[]> {
  const [first, ...others] = cluster.nodes
  const found: string[] = []
  const nested = others.reduce(
    (inner, node) => async () => void found.push(...Object.keys(await commandsOf(node, inner))),
    step
  )
  return [...Object.keys(await commandsOf(first!, nested)), ...found]
}

const ask = (visitor: Visitor, url: string) => async () => {
  for (let n = 0; n < requests; n += 1) await visitor.get(url)
}
const asksNobody = (visitor: Visitor) =>
  eventually(
    'a read that asks nobody',
    async () => (await workOfAll(() => visitor.get('/fixed'))).length === 0
  )
const codeOf = async (visitor: Visitor) => (await visitor.get('/fixed')).statusCode

t.test('in steady state a signed-in read asks neither the Cluster nor the database', async (t) => {
  const { browser } = await twoProcesses(t)
  let statements = 0
  // What is said at the start, about another installation, is asked beside the first requests.
  await eventually('reads that ask nobody', async () => {
    const commands = await workOfAll(async () => {
      ;({ statements } = await workDoneBy(ask(browser, '/fixed')))
    })
    return commands.length === 0
  })
  t.ok(statements < requests, 'only looks for new endings')
})

t.test('what another process changed or ended is not read from here', async (t) => {
  const { other, browser, elsewhere } = await twoProcesses(t)
  for (const note of ['one', 'two', 'three']) {
    await asksNobody(browser)
    await elsewhere.post('/note', { note })
    await eventually('the change', async () => (await browser.get('/note')).json().note === note)
  }
  await asksNobody(browser)
  await other[services].accounts.setRole('alice', 'admin')
  await eventually('the end', async () => (await codeOf(browser)) === 401)
  t.equal(await codeOf(elsewhere), 401)
})

t.test('the other process knows which cookie a sign-in has superseded', async (t) => {
  const { browser, elsewhere } = await twoProcesses(t)
  await asksNobody(elsewhere)
  elsewhere.cookies = { ...browser.cookies }
  await browser.post('/login', alice)
  await eventually('the end', async () => (await codeOf(elsewhere)) === 401)
  t.same((await elsewhere.get('/note')).headers['set-cookie'], undefined)
  t.equal(await codeOf(browser), 200)
})

t.test('where it refuses to tell of changes every read asks it, and not the database', async (t) => {
  const everywhere = (rule: string) =>
    Promise.all(cluster.nodes.map((node) => node.ask('ACL', 'SETUSER', 'default', rule)))
  await everywhere('-client|tracking')
  t.teardown(() => everywhere('+client|tracking'))
  const { browser, elsewhere, other } = await twoProcesses(t)
  await ask(browser, '/fixed')()
  let statements = 0
  const commands = await workOfAll(async () => {
    ;({ statements } = await workDoneBy(ask(browser, '/fixed')))
  })
  t.ok(commands.includes('get'), 'a change may have been made')
  t.ok(statements < requests, 'what the database has judged counts')
  await elsewhere.post('/note', { note: 'new' })
  t.equal((await browser.get('/note')).json().note, 'new', 'at once')
  await other[services].accounts.disable('alice')
  await eventually('the end', async () => (await codeOf(browser)) === 401)
})

// The last one: that master stays as it is.
t.test('a master that the others have given up is not believed', async (t) => {
  const { other, browser, elsewhere } = await twoProcesses(t)
  const master = await cluster.masterOf(redisKeyOf(browser))
  await cluster.replicated()
  await asksNobody(browser)
  // It knows nobody from now on, and goes on answering.
  for (const node of cluster.nodes) {
    if (node === master) continue
    await master.ask('CLUSTER', 'FORGET', String(await node.ask('CLUSTER', 'MYID')))
  }
  await cluster.takeOver(master)
  await eventually('the new master', async () => {
    await elsewhere.post('/note', { note: 'at the new one' })
    return (await browser.get('/note')).json().note === 'at the new one'
  })
  t.equal(await master.ask('EXISTS', redisKeyOf(browser)), 1, 'the old one still has it')
  // On a busy machine a store may take longer than is waited for; done again, it is done.
  await eventually('a disabled account', async () => {
    await other[services].accounts.disable('alice')
    return true
  })
  await eventually('the end', async () => (await codeOf(browser)) === 401)
})
