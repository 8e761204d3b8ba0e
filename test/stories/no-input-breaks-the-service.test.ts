// group: attackers
import fc from 'fast-check'
import type { FastifyInstance, InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import { alice, build, registerAlice, secret } from '../build.ts'
import { strangeText } from '../strange-text.ts'

const runs = 1500
/** For requests that hash passwords, three times each. */
const costlyRuns = 40

/** Texts that break parsers. */
const nasty = fc.constantFrom(
  ...['__proto__', 'constructor', 'toString', 'then', 'null', '-1', '1e999', 's:', 's:a.b', '[]', '{}', '"'],
  ...['%', '%00', '%zz', '%c0%af', '%5c', '&&==', '\r\n', '\0', '\ud800', '\u2028', '\ufeff', '\u202e'],
  ...['//evil.example', '/\\evil.example', 'https://evil.example', '/x/..//evil.example', '/a?b#c']
)
const word = fc.oneof(nasty, strangeText({ maxLength: 30 }), fc.string({ maxLength: 30 }))
const phrase = fc.array(word, { maxLength: 4 }).map((words) => words.join(''))
const accept = fc.constantFrom('text/html', 'application/json', '*/*', ';;q=x', 'text/html;q=0')

/** Characters allowed in a header or an address. */
const inHeader = (text: string) => text.replace(/[^\x20-\x7e\x80-\xff]/g, '?')
const inAddress = (text: string) => text.replace(/[^\x21-\x7e]/g, '')
const encoded = (text: string) => encodeURIComponent(text.toWellFormed())

/** A service with one account, and a check that a response is no 5xx and leads nowhere else. */
async function start(t: Test) {
  const app = await build(t, { env: { SESSION_SECRET: secret } })
  const { cookies } = await registerAlice(app)
  const cookie = `latchkey=${encoded(cookies.latchkey ?? '')}`
  /** The service still works. */
  const aliceIsServed = async () => {
    t.equal((await app.inject({ url: '/dashboard', headers: { cookie } })).statusCode, 200)
  }
  return { cookie, sound: (request: InjectOptions) => sound(app, request), aliceIsServed }
}

async function sound(app: FastifyInstance, request: InjectOptions): Promise<void> {
  const { statusCode, headers, body } = await app.inject(request)
  if (statusCode >= 500) throw new Error(`${statusCode} ${body}`)
  if (!headers['content-security-policy']) throw new Error('an answer without its headers')
  const { origin } = new URL(String(headers.location ?? '/'), 'http://this.invalid')
  if (origin !== 'http://this.invalid') throw new Error(`a redirect to ${origin}`)
}

/** Fails with the smallest counterexample and the seed to reproduce it. */
async function holds<T>(
  t: Test,
  inputs: fc.Arbitrary<T>,
  check: (input: T) => Promise<void>,
  numRuns = runs
) {
  const { failed, ...rest } = await fc.check(fc.asyncProperty(inputs, check), { numRuns })
  const { counterexample, seed, errorInstance } = rest
  t.notOk(
    failed,
    `${numRuns} inputs: ${failed ? JSON.stringify({ counterexample, seed }) + errorInstance : 'all'}`
  )
}

t.test('no cookie causes an internal error', async (t) => {
  const { cookie, sound, aliceIsServed } = await start(t)
  const real = cookie.slice('latchkey='.length)
  const mangled = fc
    .tuple(fc.nat(real.length), word, fc.nat(2))
    .map(([at, text, left]) => real.slice(0, at) + text + real.slice(at + left))
  const pair = fc.tuple(
    fc.oneof(fc.constant('latchkey'), word),
    fc.oneof(phrase, mangled, phrase.map(encoded), fc.constant(real))
  )
  const header = fc
    .array(pair, { minLength: 1, maxLength: 4 })
    .map((pairs) => inHeader(pairs.map((pair) => pair.join('=')).join('; ')))
  const url = fc.constantFrom('/', '/login', '/register', '/dashboard', '/logout', '/nothing')
  await holds(t, fc.record({ cookie: header, accept, url }), ({ url, ...headers }) => sound({ url, headers }))
  await aliceIsServed()
})

t.test('no query of somebody who is signed in causes an internal error', async (t) => {
  const { cookie, sound, aliceIsServed } = await start(t)
  const names = ['after', 'before', 'limit', 'order', 'next', 'owner', 'user', 'within', 'earlier', 'name']
  const value = fc.oneof(word, fc.constantFrom('0', '1', '101', '1.1', '9'.repeat(16), '9'.repeat(17)))
  const pair = fc.tuple(fc.oneof(fc.constantFrom(...names), word), value)
  const query = fc
    .array(pair, { maxLength: 3 })
    .map((pairs) => pairs.map((pair) => pair.map(encoded).join('=')))
  const url = fc.constantFrom(
    ...['/account', '/account/sessions', '/account/activity', '/account/sessions/all', '/api/sessions'],
    ...['/api/session', '/dashboard', '/login', '/confirm', '/logout']
  )
  const requests = fc.record({ url, query, accept })
  await holds(t, requests, ({ url, query, accept }) =>
    sound({ url: `${url}?${query.join('&')}`, headers: { cookie, accept } })
  )
  await aliceIsServed()
})

t.test('no body causes an internal error', async (t) => {
  const { sound, aliceIsServed } = await start(t)
  // Never both username and password as text, which would hash each time; that is tested below.
  const field = fc.oneof(fc.constantFrom('username', 'remember', 'next', 'password[]', 'username[x]'), word)
  const form = fc.array(fc.tuple(field, phrase)).map((pairs) => pairs.map((pair) => pair.join('=')).join('&'))
  const notText = fc.jsonValue().filter((value) => typeof value !== 'string')
  const json = fc.oneof(
    fc.json(),
    phrase,
    fc.dictionary(field, fc.jsonValue()).map((value) => JSON.stringify(value)),
    fc.record({ username: fc.jsonValue(), password: notText }).map((value) => JSON.stringify(value)),
    fc.nat(2000).map((depth) => '['.repeat(depth)),
    phrase.map((text) => `{"__proto__":${JSON.stringify(text)},"constructor":{"prototype":{}}}`)
  )
  const type = fc.oneof(
    fc.constantFrom('application/json', 'application/x-www-form-urlencoded'),
    fc.constantFrom('application/json; charset=utf-16', 'APPLICATION/JSON', 'multipart/form-data', ';', ''),
    word.map(inHeader)
  )
  const requests = fc.record({
    url: fc.constantFrom('/login', '/register', '/logout', '/dashboard', '/nothing'),
    method: fc.constantFrom('POST' as const, 'PUT' as const, 'PATCH' as const, 'DELETE' as const),
    payload: fc.oneof(form, json, fc.uint8Array({ maxLength: 60 }).map(Buffer.from)),
    type,
    accept
  })
  await holds(t, requests, ({ type, accept, ...request }) =>
    sound({ ...request, headers: { 'content-type': type, accept } })
  )
  await aliceIsServed()
})

t.test('no URL and no next causes an internal error', async (t) => {
  const { cookie, sound, aliceIsServed } = await start(t)
  const url = fc.oneof(
    phrase.map((next) => `/login?next=${encoded(next)}`),
    phrase.map((next) => `/login?next=${inAddress(next)}`),
    phrase.map((query) => `/login?${inAddress(query)}`),
    phrase.map((path) => `/${inAddress(path).replace(/^[/\\]+/, '')}`),
    phrase.map((path) => `/assets/latchkey/${inAddress(path)}`)
  )
  const requests = fc.record({ url, accept, cookie: fc.constantFrom(cookie, '') })
  await holds(t, requests, ({ url, ...headers }) => sound({ url, headers }))
  await aliceIsServed()
})

t.test('no name, password or next in the forms causes an internal error', async (t) => {
  const { sound, aliceIsServed } = await start(t)
  const someone = fc.oneof(fc.constant(alice), fc.record({ username: phrase, password: phrase }))
  const next = fc.oneof(phrase, fc.constantFrom('//evil.example', '/\\evil.example', 'https://evil.example'))
  const requests = fc.tuple(someone, next).map(([credentials, next]) => ({ ...credentials, next }))
  const check = async (body: Record<string, string>) => {
    const payload = new URLSearchParams(body).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }
    await sound({ method: 'POST', url: '/login', headers, payload })
    await sound({ method: 'POST', url: '/login', payload: body })
    await sound({ method: 'POST', url: '/register', payload: body })
  }
  await holds(t, requests, check, costlyRuns)
  await aliceIsServed()
})
