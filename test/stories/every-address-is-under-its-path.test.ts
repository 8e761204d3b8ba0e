import express from 'express'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Response } from 'light-my-request'
import t, { type Test } from 'tap'
import wholeService from '../../src/app.ts'
import { ConfigError } from '../../src/errors/errors.ts'
import { requireUser } from '../../src/express/index.ts'
import latchkey, { type LatchkeyOptions } from '../../src/index.ts'
import { schemaController } from '../../src/server/schema-compilers.ts'
import { readConfig } from '../../src/settings/config.ts'
import { alice, build } from '../build.ts'
import { CookieJar } from '../cookie-jar.ts'
import { Browser as ExpressBrowser } from '../express/web.ts'
import { patientSettings } from '../servers/patience.ts'

const origin = 'https://example.org'
type Proxy = (path: string) => string
const passOn: Proxy = (path) => path
const takeOff =
  (base: string): Proxy =>
  (path) =>
    path.startsWith(`${base}/`) ? path.slice(base.length) : '/of-another-program'

/** A browser at https://example.org, behind a proxy that may take something off each path. */
class Browser {
  readonly jar = new CookieJar('example.org')
  readonly #app: FastifyInstance
  readonly #proxy: Proxy

  constructor(app: FastifyInstance, proxy = passOn) {
    this.#app = app
    this.#proxy = proxy
  }

  get(path: string): Promise<Response> {
    return this.#send(path, { method: 'GET' })
  }

  submit(path: string, fields: Record<string, string> = {}): Promise<Response> {
    return this.#send(path, { method: 'POST', payload: new URLSearchParams(fields).toString() })
  }

  async #send(path: string, sent: { method: 'GET' | 'POST'; payload?: string }): Promise<Response> {
    const headers = {
      host: 'example.org',
      accept: 'text/html',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-proto': 'https',
      cookie: this.jar.header(path.replace(/[?#].*/s, '')),
      'content-type': 'application/x-www-form-urlencoded'
    }
    const response = await this.#app.inject({ ...sent, url: this.#proxy(path), headers })
    this.jar.take([response.headers['set-cookie'] ?? []].flat())
    return response
  }
}

const attributes = /\s(?:href|src|action|formaction|poster|content|value|data-[\w-]+)="([^"]*)"/g
const fields = { ...alice, current: alice.password }
/** Forms after which nobody is signed in, or there is no account. */
const lastForms = ['/logout', '/account/sessions/all', '/account/remove']

interface Walked {
  /** The paths of all pages and files, from `base`. */
  readonly seen: Set<string>
  /** The paths of all forms, from `base`. */
  readonly forms: Set<string>
  /** Paths from the root that may lead to other pages of the app. */
  readonly ofHost: readonly string[]
  /** What leads elsewhere, or nowhere. */
  readonly strays: string[]
}

/** Opens all that pages lead to, beginning with some. `base` is in front of each address that a response may contain. */
async function walk(browser: Browser, base: string, paths: readonly string[], walked: Walked) {
  const ahead = [...paths]
  for (const path of ahead) {
    if (walked.seen.has(path)) continue
    walked.seen.add(path)
    ahead.push(...read(path, await browser.get(base + path), { base, ...walked }))
  }
}

/** @returns the paths in a response, from `base` */
function read(
  page: string,
  answer: Response,
  { base, forms, ofHost, strays }: Walked & { base: string }
): string[] {
  const { statusCode, headers, body } = answer
  if (statusCode === 404 || statusCode >= 500) strays.push(`${page}: ${statusCode}`)
  const pathIn = (address: string) => {
    const path = address.replace(origin, '').replaceAll('&amp;', '&')
    if (path.startsWith(`${base}/`) && !path.startsWith(`${base}${base}`)) return path.slice(base.length)
    if (path.startsWith('/') && !ofHost.includes(path)) strays.push(`${page}: ${address}`)
    return undefined
  }
  const isPage = headers['content-type']?.toString().startsWith('text/html')
  if (isPage)
    for (const [, action = ''] of body.matchAll(/<form[^>]* action="([^"]*)"/g)) {
      const path = pathIn(action)
      if (path !== undefined) forms.add(path)
    }
  const addresses = isPage ? [...body.matchAll(attributes)].map(([, address = '']) => address) : []
  const { location = [] } = headers
  return [...addresses, location]
    .flat()
    .flatMap((address) => [`${address}`, ...`${address}`.split('next=').slice(1).map(decodeURIComponent)])
    .flatMap((address) => pathIn(address) ?? [])
}

/** Walks through everything, signed out and signed in, and sends every form. */
async function walkThrough(
  app: FastifyInstance,
  { base, proxy, ofHost = [] }: { base: string; proxy?: Proxy; ofHost?: string[] }
) {
  const browser = new Browser(app, proxy)
  const signIn = () => browser.submit(`${base}/login`, fields)
  const walked: Walked = { seen: new Set(), forms: new Set(), strays: [], ofHost }
  const entrances = [
    ...(ofHost.length > 0 ? [] : ['/']),
    '/login',
    '/account',
    '/confirm',
    '/logout',
    '/.well-known/change-password'
  ]
  await walk(browser, base, entrances, walked)
  await browser.submit(`${base}/register`, fields)
  await new Browser(app, proxy).submit(`${base}/login`, fields)
  walked.seen.clear()
  await walk(browser, base, entrances, walked)
  const { forms } = walked
  for (const form of [...forms].filter((form) => !lastForms.includes(form)).concat(lastForms)) {
    if (lastForms.includes(form)) await signIn()
    else
      read(form, await browser.submit(base + form, { ...fields, current: '', password: '' }), {
        base,
        ...walked
      })
    read(form, await browser.submit(base + form, fields), { base, ...walked })
  }
  const cookiePaths = browser.jar.cookies.map(({ path }) => path)
  return { ...walked, cookiePaths: [...new Set(cookiePaths)] }
}

const everyForm = [
  '/account/name',
  '/account/password',
  '/account/remove',
  '/account/security/app',
  '/account/security/passkeys',
  '/account/sessions/all',
  '/account/sessions/others',
  '/account/tokens/new',
  '/confirm',
  '/login',
  '/login/passkey',
  '/logout',
  '/register'
]
const withoutHandle = (paths: Iterable<string>) =>
  [...paths].filter((path) => !/[0-9a-f]{32}$/.test(path)).sort()

interface HostOptions extends LatchkeyOptions {
  readonly scope?: string
}

/** A host app that uses Latchkey in itself, or in a scope with a prefix. */
async function host(t: Test, ...instances: HostOptions[]) {
  const app = Fastify({ pluginTimeout: 0, schemaController, trustProxy: '127.0.0.1' })
  t.teardown(() => app.close())
  for (const { scope = '', ...options } of instances)
    await app.register((of) => use(of, options), { prefix: scope })
  await app.ready()
  return app
}

async function use(app: FastifyInstance, options: LatchkeyOptions) {
  const { STORAGE_PATIENCE: storagePatience } = patientSettings
  const settings = { databaseUrl: 'file::memory:', registration: 'open', storagePatience } as const
  await app.register(latchkey, { ...settings, ...options })
  app.get('/', async () => 'start')
  app.get('/mine', async (request: FastifyRequest) => (await request.requireUser()).name)
}

const service = { REGISTRATION: 'open', TRUST_PROXY: '127.0.0.1' }
const underAuth = { ...service, PUBLIC_URL: `${origin}/auth` }

for (const [what, proxy] of [
  ['passes the path on', passOn],
  ['takes the path off', takeOff('/auth')]
] as const)
  t.test(`the service under /auth, behind a proxy that ${what}`, async (t) => {
    const app = await build(t, { env: underAuth })
    const { seen, forms, strays, cookiePaths } = await walkThrough(app, { base: '/auth', proxy })
    t.same(strays, [])
    t.same(cookiePaths, ['/auth'])
    t.same(withoutHandle(forms), everyForm)
    for (const path of ['/dashboard', '/account/activity', '/account/password', '/account/sessions/others'])
      t.ok(seen.has(path), path)
    const document = (await new Browser(app, proxy).get('/auth/api/openapi.json')).json()
    t.same(document.servers, [{ url: `${origin}/auth` }])
    t.match((await new Browser(app, proxy).get('/auth/api')).body, 'GET /auth/api/sessions')
    t.same(
      Object.keys(document.paths).filter((path) => !path.startsWith('/api/')),
      []
    )
  })

t.test('the service in an app of others, under its prefix', async (t) => {
  const outer = Fastify({ pluginTimeout: 0, schemaController })
  t.teardown(() => outer.close())
  const asked = readConfig({ ...patientSettings, REGISTRATION: 'open', DATABASE_URL: 'file::memory:' })
  const config = { ...asked, passwordHash: { memoryKiB: 64, passes: 1, lanes: 1 } }
  await outer.register((scope) => scope.register(wholeService, { config }), { prefix: '/api' })
  const { strays, cookiePaths } = await walkThrough(outer, { base: '/api' })
  t.same(strays, [])
  t.same(cookiePaths, ['/api'])
  const document = (await new Browser(outer).get('/api/api/openapi.json')).json()
  t.same(document.servers, [{ url: '/api' }])
  t.ok(document.paths['/api/session'])

  const known = Fastify({ pluginTimeout: 0, schemaController })
  t.teardown(() => known.close())
  const ofHost = { config: { ...config, publicUrl: new URL(`${origin}/api`) } }
  await known.register((scope) => scope.register(wholeService, ofHost), { prefix: '/api' })
  const sent = await new Browser(known).get('/api/dashboard')
  t.equal(sent.headers.location, '/api/login?next=%2Fapi%2Fdashboard', 'PUBLIC_URL has the path too')
})

t.test('the library with a prefix: its pages are there, and the app has the session', async (t) => {
  const app = await host(t, { prefix: '/shop', home: '/mine' })
  const { forms, strays, cookiePaths } = await walkThrough(app, { base: '/shop', ofHost: ['/', '/mine'] })
  t.same(strays, [])
  t.same(cookiePaths, ['/'])
  // Without PUBLIC_URL there are passkeys at localhost only.
  const offered = everyForm.filter((form) => !form.includes('passkey'))
  t.same(withoutHandle(forms), offered)
  const browser = new Browser(app)
  t.equal((await browser.get('/mine')).headers.location, '/shop/login?next=%2Fmine')
  await browser.submit('/shop/register', { ...fields, username: 'bob' })
  t.equal((await browser.get('/mine')).body, 'bob')
})

t.test('the library in two scopes of one app, behind a proxy that takes a path off', async (t) => {
  const publicUrl = `${origin}/auth`
  const [shop, wiki] = ['/auth/shop', '/auth/wiki']
  const proxy = takeOff('/auth')
  // PUBLIC_URL may be the address of the server or that of the pages.
  const app = await host(
    t,
    { scope: '/shop', publicUrl, gateHosts: 'example.org', sessionCookie: 'shop' },
    { scope: '/wiki/', publicUrl: `${origin}/auth/wiki` }
  )
  const ofWiki = await walkThrough(app, { base: wiki, proxy })
  t.same(ofWiki.strays, [])
  t.same(ofWiki.cookiePaths, [wiki])
  const browser = new Browser(app, proxy)
  t.equal(
    (await browser.get(`${wiki}/mine`)).headers.location,
    `${wiki}/login?next=${encodeURIComponent(`${wiki}/mine`)}`
  )
  const came = await browser.submit(`${wiki}/login`, { ...fields, next: `${wiki}/login` })
  t.equal(came.statusCode, 401, 'removed above')
  for (const base of [shop, wiki]) await browser.submit(`${base}/register`, fields)
  for (const base of [shop, wiki]) t.equal((await browser.get(`${base}/mine`)).body, 'alice')
  t.same((await browser.get(`${shop}/login?next=${shop}/login`)).headers.location, `${shop}/`)
  t.same(
    (await browser.get(`${shop}/login?next=/login`)).headers.location,
    '/login',
    'a page of another program'
  )
  t.same(
    browser.jar.cookies.map(({ name, path }) => `${name} ${path}`).sort(),
    [`__Secure-latchkey ${wiki}`, `__Secure-latchkey-browser ${wiki}`, 'shop /', 'shop-browser /'],
    'apps behind a gate need the whole host'
  )
  await browser.submit(`${wiki}/logout`)
  t.equal((await browser.get(`${wiki}/mine`)).statusCode, 303)
  t.equal((await browser.get(`${shop}/mine`)).body, 'alice')
})

t.test('one library at the root and one below: each knows its own session under the same name', async (t) => {
  const app = await host(t, {}, { scope: '/shop' })
  const browser = new Browser(app)
  await browser.submit('/register', fields)
  t.equal((await browser.get('/shop/mine')).statusCode, 303)
  await browser.submit('/shop/register', { ...fields, username: 'bob' })
  for (const _ of [1, 2]) {
    t.equal((await browser.get('/mine')).body, 'alice')
    t.equal((await browser.get('/shop/mine')).body, 'bob')
  }
  await browser.submit('/shop/logout')
  t.equal((await browser.get('/shop/mine')).statusCode, 303)
  t.equal((await browser.get('/mine')).body, 'alice')
})

t.test('the gate of a service under a path leads to its sign-in page', async (t) => {
  const app = await build(t, { env: { ...underAuth, GATE_HOSTS: 'example.org' } })
  const headers = {
    accept: 'text/html',
    'x-forwarded-for': '192.0.2.1',
    'x-original-url': `${origin}/wiki/a`
  }
  const { location } = (await app.inject({ url: '/gate', headers })).headers
  t.equal(location, `${origin}/auth/login?next=${encodeURIComponent(`${origin}/wiki/a`)}`)
})

t.test('Envoy asks the gate of a library under a prefix about the path of the app', async (t) => {
  const folder = t.testdir({
    'gate.yaml': '- { host: example.org, path: /admin, then: deny }\n- example.org: anybody\n'
  })
  const gate = { gateHosts: 'example.org', gateRules: `${folder}/gate.yaml` }
  const options = { publicUrl: origin, sessionCookie: 'one', ...gate }
  // So much was cut off that another path was left.
  const app = await host(
    t,
    { ...options, prefix: '/x/latchkey' },
    { ...options, scope: '/wiki/', sessionCookie: 'two' }
  )
  for (const base of ['/x/latchkey', '/wiki'])
    for (const [path, status] of [
      ['/admin/x?y', 403],
      ['/', 200]
    ] as const) {
      const headers = { host: 'example.org', 'x-forwarded-for': '192.0.2.1' }
      const answer = await app.inject({ url: `${base}/gate/envoy${path}`, headers })
      t.equal(answer.statusCode, status, base + path)
    }
})

t.test('an Express app that is mounted in a service under a path leads to its sign-in page', async (t) => {
  const older = express().get('/mine', requireUser(), (_req, res) => void res.send('mine'))
  const routes = (app: FastifyInstance) =>
    void app.register(fp(async (app) => app.mountExpress('/older', older)))
  const service = await build(t, { env: { ...underAuth, PUBLIC_URL: 'http://127.0.0.1/auth' }, routes })
  const url = await service.listen({ port: 0, host: '127.0.0.1' })
  // Not injected: express-session uses what only a real request has.
  const browser = new ExpressBrowser(url)
  const sent = await browser.get('/auth/older/mine', { accept: 'text/html' })
  t.equal(sent.headers.get('location'), `/auth/login?next=${encodeURIComponent('/auth/older/mine')}`)
  await browser.submit('/auth/register', fields)
  t.equal((await browser.get('/auth/older/mine')).body, 'mine')
})

t.test('a path that cannot be told from a page, or from no path, is refused', async (t) => {
  const faultOf = (start: Promise<unknown>) =>
    start.then(
      () => undefined,
      (error) => (error instanceof ConfigError ? error.faults.join() : error)
    )
  for (const path of ['/account', '/health', '/assets/', '/account/sessions'])
    t.match(await faultOf(build(t, { env: { PUBLIC_URL: `${origin}${path}` } })), /has the path/)
  for (const prefix of ['/:tenant', 'shop', '/a b', '/shop/../x', '//shop'])
    t.match(await faultOf(host(t, { prefix })), /^prefix is "/)
  t.match(await faultOf(host(t, { scope: '/:tenant' })), /^prefix is "/)
  const config = readConfig({})
  t.match(
    await faultOf(Promise.resolve(Fastify().register(wholeService, { config, prefix: '/auth' }))),
    /PUBLIC_URL/
  )
})
