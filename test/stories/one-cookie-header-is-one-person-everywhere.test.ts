import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import express from 'express'
import fc from 'fast-check'
import t from 'tap'
import { LatchkeyStore } from '../../src/express/store/latchkey-store.ts'
import { services } from '../../src/open-services.ts'
import { alice, build, secret } from '../build.ts'
import { makeSession, serve } from '../express/web.ts'

const name = '__Host-sid'
const mallory = { username: 'mallory', password: 'purple monkey dishwasher' }
const https = { accept: 'application/json', 'x-forwarded-proto': 'https' }
const env = {
  // Its own database: other files of this process may empty the test's folder.
  DATABASE_URL: 'file::memory:',
  PUBLIC_URL: 'https://login.example.org',
  TRUST_PROXY: '127.0.0.1',
  SESSION_COOKIE: name,
  SESSION_SECRET: secret
}

const service = await build(t, { env })
const signIn = async (who: typeof alice) => {
  await service.latchkey.accounts.add(who)
  const { cookies } = await service.inject({ method: 'POST', url: '/login', payload: who, headers: https })
  return encodeURIComponent(`${cookies.find((cookie) => cookie.name === name)?.value}`)
}
const tickets = { alice: await signIn(alice), mallory: await signIn(mallory) }

/** An Express app with the same sessions, cookie and secret. */
const app = express().use(
  makeSession(t, {
    name,
    secret,
    cookie: { secure: true },
    store: new LatchkeyStore(service[services].sessions)
  })
)
app.get('/who', (req, res) => void res.send(Reflect.get(req.session, 'user')))

const agent = new Agent({ keepAlive: true })
t.teardown(() => agent.destroy())
const latchkey = await service.listen({ host: '127.0.0.1', port: 0 })
const Express = `${await serve(t, app)}/who`
/** The same again without Express's fast path. */
const addresses = process.env.WITHOUT_FAST_PATH
  ? { Express }
  : { service: `${latchkey}/api/session`, gate: `${latchkey}/gate`, Express }

/** The user at an address for a Cookie header. */
async function whoAt(address: string, cookie: string): Promise<string | undefined> {
  const [answer] = (await once(
    request(address, { agent, headers: { ...https, cookie } }).end(),
    'response'
  )) as [IncomingMessage]
  const body = (await answer.toArray()).join('')
  return [answer.headers['remote-user'], body].join().match(/alice|mallory/)?.[0]
}

/**
 * The user by the simple rule: of the first four values of the name, without space and tab and then one pair of
 * quotes, those that sign somebody in; nobody if they are different users.
 */
function whoIn(header: string): string | undefined {
  const trim = (text = '') => text.replace(/^[ \t]+|[ \t]+$/g, '')
  const values = header
    .split(';')
    .map((pair) => /^([^=]*)=(.*)$/s.exec(pair) ?? [])
    .filter(([, before]) => trim(before) === name)
    .slice(0, 4)
    .map(([, , value]) => trim(value).replace(/^"(.*)"$/s, '$1'))
  const users = Object.entries(tickets).filter(([, ticket]) => values.includes(ticket))
  return users.length === 1 ? users[0]?.[0] : undefined
}

async function saysTheSameEverywhere(header: string): Promise<void> {
  const expected = whoIn(header)
  for (const [place, address] of Object.entries(addresses)) {
    const who = await whoAt(address, header)
    if (who !== expected)
      throw new Error(`${place} takes ${JSON.stringify(header)} for ${who}, not ${expected}`)
  }
}

t.test('a cookie whose name differs by one byte is another cookie', async (t) => {
  for (let code = 0x20; code < 256; code += 1) {
    if (code === 0x7f) continue
    const byte = String.fromCharCode(code)
    const victims = `${name}=${tickets.alice}`
    await saysTheSameEverywhere(`${byte}${name}=${tickets.mallory}; ${victims}`)
    await saysTheSameEverywhere(`${name}${byte}=${tickets.mallory}; ${victims}`)
    if (!' \t;='.includes(byte)) {
      t.equal(whoIn(`${byte}${name}=${tickets.mallory}; ${victims}`), 'alice')
    }
  }
})

t.test('headers of any valid bytes identify the same user everywhere', async (t) => {
  /** One character for each byte, as Node sends and returns them. */
  const byte = fc.integer({ min: 0x20, max: 255 }).filter((code) => code !== 0x7f)
  const odd = fc.constantFrom(' ', '\t', '\xA0', '\x85', '"', '%', '%20', '=', ';')
  const strange = fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    { weight: 2, arbitrary: odd },
    { weight: 1, arbitrary: byte.map((code) => String.fromCharCode(code)) }
  )
  const called = fc.constantFrom(name, name, '__host-SID', 'sid')
  const ticket = fc.constantFrom(tickets.alice, tickets.mallory, 's%3Anone', '')
  const pair = fc.tuple(strange, called, strange, fc.constant('='), strange, ticket, strange)
  const header = fc
    .array(
      pair.map((pieces) => pieces.join('')),
      { minLength: 1, maxLength: 4 }
    )
    .map((pairs) => pairs.join('; '))
  const seen = new Set<string | undefined>()
  await fc.assert(
    fc.asyncProperty(header, async (header) => {
      // HTTP trims blanks around a whole header.
      await saysTheSameEverywhere(header.replace(/^[ \t]+|[ \t]+$/g, ''))
      seen.add(whoIn(header))
    }),
    { numRuns: 300, examples: [[`${name}="${tickets.alice}"`], [`${name}=" ${tickets.alice}"`]] }
  )
  t.same([...seen].sort(), ['alice', 'mallory', undefined], 'each of them occurred')
})
