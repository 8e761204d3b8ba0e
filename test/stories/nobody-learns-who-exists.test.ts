// group: attackers
import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import argon2 from 'argon2'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, build } from '../build.ts'

const password = 'correct horse battery'

/** Names of the same length, because the form shows the typed name. */
const tries = {
  'a wrong password': { username: 'alice', password: 'not the password' },
  'a wrong password for an address': { username: 'a@b.c', password: 'not the password' },
  'an unknown address': { username: 'n@b.c', password: 'not the password' },
  'a former name': { username: 'norma', password },
  'an unknown name': { username: 'nancy', password: 'not the password' },
  'a disabled account': { username: 'david', password }
} as const

const doors = {
  'as a form': { path: '/login', accept: 'text/html', type: 'application/x-www-form-urlencoded' },
  'as JSON': { path: '/login', accept: 'application/json', type: 'application/json' },
  'at the API': { path: '/api/session', accept: 'application/json', type: 'application/json' }
} as const

type Credentials = { readonly username: string; readonly password: string }
type Door = (typeof doors)[keyof typeof doors]

/** Passwords verified with argon2, and hashed. */
let checks = 0
/** Of those verified, the cost. */
let costs: string[] = []
for (const name of ['verify', 'hash'] as const) {
  const original = Reflect.get(argon2, name)
  Reflect.set(argon2, name, (...words: unknown[]) => {
    checks += 1
    if (name === 'verify') costs.push(String(words[0]).split('$').slice(1, 4).join())
    return Reflect.apply(original, argon2, words)
  })
}

/** One moment, so that everybody has to wait equally long. */
const moment = Date.now()

t.test('every refused sign-in is answered alike, to the byte, and costs one hash', async (t) => {
  const app = await build(t, { now: () => moment })
  for (const username of ['alice', 'david']) await app.latchkey.accounts.add({ username, password })
  await app.latchkey.accounts.disable('david')
  await app[services].addresses.set((await accountOf(app)).id, 'a@b.c', {})
  await app.latchkey.accounts.add({ username: 'norma', password })
  await app.latchkey.accounts.rename('norma', 'norah')
  const service = await app.listen({ port: 0, host: '127.0.0.1' })

  let places = 0
  for (const [how, door] of Object.entries(doors)) {
    const seen = new Map<string, unknown>()
    for (const [who, credentials] of Object.entries(tries)) {
      // Each from its own address and with its own name, so that all have the same number of attempts.
      const signIn = () => send(service, { door, credentials, from: `127.0.1.${places}` })
      places += 1
      const answers = []
      for (let times = 1; times <= 7; times += 1) answers.push(await counted(signIn))
      const account = await app[services].accounts.findToSignIn(credentials.username)
      await app[services].throttle.reset({ name: credentials.username, account: account?.id })
      seen.set(who, answers)
      t.same(
        answers.map(({ status, hashed }) => [status, hashed]),
        [...Array(5).fill([401, 1]), ...Array(2).fill([429, 0])],
        `${who}, ${how}: five attempts cost a hash each, and the next none`
      )
    }
    for (const who of Object.keys(tries))
      t.same(seen.get(who), seen.get('a wrong password'), `${who}, ${how}`)
  }
})

t.test(
  'a name that looks like another is refused as the taken one is, to the byte and for one hash',
  async (t) => {
    const app = await build(t, { env: { REGISTRATION: 'open' }, now: () => moment })
    await app.latchkey.accounts.add({ username: 'alice', password })
    const answers = []
    for (const [index, username] of ['alice', '\u0430lice', 'AIice'].entries()) {
      const register = async () => {
        const { statusCode, headers, body } = await app.inject({
          method: 'POST',
          url: '/register',
          remoteAddress: `127.0.2.${index}`,
          payload: { username, password: 'quite another one' }
        })
        const { date, ...same } = headers
        return { statusCode, headers: same, body }
      }
      const seen = []
      for (let times = 1; times <= 11; times += 1) seen.push(await counted(register))
      answers.push(seen)
    }
    t.same(answers[1], answers[0])
    t.same(answers[2], answers[0])
    t.match(answers[0]?.[0], { statusCode: 409, hashed: 1 })
    t.match(answers[0]?.at(-1), { statusCode: 429, hashed: 0 }, 'and counted as one')
  }
)

t.test('after PASSWORD_HASH was changed, each check of a password is the same hashes', async (t) => {
  const DATABASE_URL = `file:${t.testdir()}/latchkey.db`
  const checked = async (app: FastifyInstance, username: string) => {
    costs = []
    const payload = { username, password: 'not the password' }
    t.equal((await app.inject({ method: 'POST', url: '/login', payload })).statusCode, 401)
    return costs
  }
  const settings = ['m=12288,t=3,p=1', 'm=19456,t=2,p=1', 'm=12288,t=4,p=1']
  for (const [restarts, PASSWORD_HASH] of settings.entries()) {
    const app = await build(t, { env: { DATABASE_URL, PASSWORD_HASH } })
    await app.latchkey.accounts.add({ username: `person ${restarts}`, password })
    const seen = []
    for (let number = 0; number <= restarts; number += 1) seen.push(await checked(app, `person ${number}`))
    for (const one of [...seen, await checked(app, 'nobody')]) t.same(one, seen[0])
    t.equal(new Set(seen[0]).size, restarts + 1, 'one of each cost')
    await app.close()
  }
})

async function counted<Answer>(step: () => Promise<Answer>): Promise<Answer & { hashed: number }> {
  const before = checks
  const answer = await step()
  return { ...answer, hashed: checks - before }
}

interface Sending {
  readonly door: Door
  readonly credentials: Credentials
  readonly from: string
}

/** @returns the whole response: headers as spelled and in their order, without the date and the name */
async function send(service: string, { door, credentials, from }: Sending) {
  const isForm = door.type.endsWith('urlencoded')
  const headers = { accept: door.accept, 'content-type': door.type }
  const asking = request(new URL(door.path, service), { method: 'POST', headers, localAddress: from })
  asking.end(isForm ? new URLSearchParams(credentials).toString() : JSON.stringify(credentials))
  const [answer] = await once(asking, 'response')
  const body = await text(answer)
  const lines: [string, string][] = []
  for (let at = 0; at < answer.rawHeaders.length; at += 2)
    lines.push([answer.rawHeaders[at], answer.rawHeaders[at + 1]])
  return {
    status: answer.statusCode,
    headers: lines.filter(([name]) => name.toLowerCase() !== 'date'),
    length: Buffer.byteLength(body),
    body: body.replaceAll(credentials.username, 'whoever')
  }
}
