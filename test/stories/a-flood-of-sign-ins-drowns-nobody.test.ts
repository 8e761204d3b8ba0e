// group: attackers
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { services } from '../../src/open-services.ts'
import { alice, build, registerAlice, Visitor } from '../build.ts'

/** Twice as many as can wait: while the last ones arrive, some of the first have their answer. */
const people = 600
/** So that hashing takes longer than all else. */
const PASSWORD_HASH = 'm=12288,t=3,p=1'

t.test('under a flood of sign-ins some are asked to come back, and everybody else is served', async (t) => {
  const app = await build(t, { env: { PASSWORD_HASH } })
  const browser = await registerAlice(app)
  let answered = 0
  const flood = Array.from({ length: people }, async (_, number) => {
    const response = await app.inject({
      method: 'POST',
      url: '/login',
      remoteAddress: `10.0.${number >> 8}.${number & 255}`,
      payload: { username: `person ${number}`, password: alice.password }
    })
    answered += 1
    return response
  })

  t.equal((await browser.get('/dashboard')).statusCode, 200)
  t.equal((await browser.get('/health/ready')).statusCode, 200)
  t.equal((await new Visitor(app, 'browser').get('/login')).statusCode, 200)
  t.ok(answered < people, 'during the flood')

  const answers = await Promise.all(flood)
  const refused = answers.filter(({ statusCode }) => statusCode === 503)
  t.ok(refused.length > 0)
  for (const { headers, json } of refused) {
    t.equal(headers['retry-after'], '5')
    t.match(json(), { code: 'LATCHKEY_BUSY', detail: /Try again in a few seconds/ })
  }
  const checked = answers.filter(({ statusCode }) => statusCode === 401)
  t.equal(checked.length + refused.length, people, 'there is no other response')
})

const bob = { username: 'bob', password: 'another horse battery' }

t.test('while one account signs in over 320 connections, another signs in 20 times of 20', async (t) => {
  const app = await build(t, { env: { PASSWORD_HASH } })
  for (const person of [alice, bob]) await app.latchkey.accounts.add(person)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets: 320 })
  const signIn = (person: typeof alice, via?: Agent) => postJson(port, '/login', person, via)
  const flood = (many: number) => Promise.all(Array.from({ length: many }, () => signIn(alice, agent)))
  const beginning = flood(320)
  const statuses: number[] = []
  for (let n = 0; n < 20; n += 1) {
    const more = flood(80)
    t.equal(await signIn(bob), 200, 'from the same address')
    statuses.push(...(await more))
  }
  statuses.push(...(await beginning))
  agent.destroy()
  t.same(new Set(statuses), new Set([200, 429]), 'none is refused as busy')
})

t.test('while 300 accounts of one network sign in, a sign-in from another network comes next', async (t) => {
  const { accounts } = (await build(t))[services]
  const crowd = Array.from({ length: 300 }, (_, number) => ({ ...alice, username: `person ${number}` }))
  for (const person of [...crowd, bob]) await accounts.add(person)
  const finished: string[] = []
  const verify = async (person: typeof alice, address: string) => {
    const { ok } = await accounts.verify(person, { address })
    if (ok) finished.push(person.username)
  }
  const flood = Promise.allSettled(crowd.map((person) => verify(person, '192.0.2.7')))
  await verify(bob, '198.51.100.1')
  t.ok(finished.length < 20, `after ${finished.length} of them`)
  await flood
  t.ok(finished.length > 250)
})

t.test('while 300 register from one network, another network registers and changes a password', async (t) => {
  const app = await build(t, { env: { REGISTRATION: 'open' } })
  await app[services].accounts.add(alice)
  const { accounts } = app[services]
  const flood = Array.from({ length: 300 }, (_, number) =>
    accounts.register({ ...alice, username: `person ${number}` }, '192.0.2.7').then(
      () => 'registered',
      ({ code }) => code
    )
  )
  const register = { method: 'POST', url: '/register', remoteAddress: '198.51.100.1', payload: bob } as const
  const changed = accounts.changePassword(
    { ...alice, password: 'a third horse battery' },
    { address: '203.0.113.5' }
  )
  t.equal((await app.inject(register)).statusCode, 201)
  t.match(await changed, { ok: true })
  const outcomes = await Promise.all(flood)
  t.ok(outcomes.includes('LATCHKEY_BUSY'), 'more registered than may wait')
})

async function postJson(port: number, path: string, body: object, agent?: Agent) {
  const headers = { 'content-type': 'application/json' }
  const asking = request({ host: '127.0.0.1', port, path, method: 'POST', headers, ...(agent && { agent }) })
  asking.end(JSON.stringify(body))
  const [response] = await once(asking, 'response')
  response.resume()
  await once(response, 'end')
  return Number(response.statusCode)
}
