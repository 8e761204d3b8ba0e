// group: work-done
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { workDoneBy } from '../work-done.ts'

// Imported after the counters are installed.
const { alice, build, secret } = await import('../build.ts')
const { default: latchkey } = await import('../../src/index.ts')

const people = 120
/** One attempt reads the account and takes four counters. */
const statementsOfAttempt = 10
const attemptsPerTurn = 4

interface Sent {
  readonly agent: Agent
  readonly number: number
  readonly body?: string
}

async function send(url: URL, { agent, number, body }: Sent): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    'x-forwarded-for': `10.0.${number >> 8}.${number & 255}`
  }
  const asking = request(url, { agent, method: body ? 'POST' : 'GET', headers })
  asking.end(body)
  const [response] = await once(asking, 'response')
  response.resume()
  await once(response, 'end')
  return Number(response.statusCode)
}

/** @returns the most statements in one turn of the event loop */
async function mostInOneTurn(step: Promise<unknown>): Promise<number> {
  let most = 0
  let isOver = false
  const ended = step.finally(() => (isOver = true))
  while (!isOver) {
    const { statements } = await workDoneBy(() => new Promise(setImmediate))
    most = Math.max(most, statements)
  }
  await ended
  return most
}

async function burst(app: FastifyInstance, path: string) {
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const agent = new Agent({ keepAlive: true, maxSockets: people })
  const everybody = Array.from({ length: people }, (_, number) => number)
  // The connections are open before.
  await Promise.all(everybody.map((number) => send(new URL('/nowhere', url), { agent, number })))
  const signingIn = everybody.map((number) => {
    const body = JSON.stringify({ ...alice, username: `person ${number}` })
    return send(new URL(path, url), { agent, number, body })
  })
  const all = Promise.all(signingIn)
  const most = await mostInOneTurn(all)
  agent.destroy()
  return { most, statuses: await all }
}

t.test('of 120 sign-ins over 120 connections, a few begin in each turn of the event loop', async (t) => {
  const app = await build(t, { env: { TRUST_PROXY: '127.0.0.1', LOG_LEVEL: 'info' } })
  const { most, statuses } = await burst(app, '/login')
  t.ok(most <= 3 * attemptsPerTurn * statementsOfAttempt, `${most} statements`)
  // How many find no place in the queue depends on how quickly the others' passwords are hashed.
  t.same(new Set([...statuses, 503]), new Set([401, 503]))
})

t.test('so they do in an app with a sign-in route of its own', async (t) => {
  const app = Fastify({ trustProxy: '127.0.0.1' })
  t.teardown(() => app.close())
  const databaseUrl = `file:${t.testdir()}/latchkey.db`
  await app.register(latchkey, { databaseUrl, sessionSecret: secret, pages: false })
  app.post<{ Body: typeof alice }>('/sign-in', async ({ body }, reply) => {
    const { ok } = await reply.request.verifyPassword(body)
    return reply.code(ok ? 200 : 401).send()
  })
  const { most } = await burst(app, '/sign-in')
  t.ok(most <= 3 * attemptsPerTurn * statementsOfAttempt, `${most} statements`)
})
