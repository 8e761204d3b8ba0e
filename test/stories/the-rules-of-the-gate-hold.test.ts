import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:http2'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, Visitor } from '../build.ts'
import { rawRequest, requestThrough } from '../servers/https-request.ts'
import { files, secret, startPathApps } from '../servers/path-apps.ts'
import { startPlainApp } from '../servers/plain-app.ts'
import { startCaddyFrom, startHaproxyFrom, startNginxFrom } from '../servers/proxies.ts'

const hosts = ['app', 'wiki', 'www'].map((name) => `${name}.example.org`)
const rules = `
- { host: '*.example.org', path: /admin, who: admin }
- { host: '*.example.org', path: /pay, factors: 2 }
- { host: open.example.org, who: anybody }
- { host: '*.example.org', path: /public, who: anybody }
- { host: '*.example.org', path: /here, from: 127.0.0.0/8, who: anybody }
- { host: '*.example.org', path: /there, from: 10.0.0.0/8, who: anybody }
- { host: '*.example.org', method: OPTIONS, who: anybody }
- app.example.org: family
- wiki.example.org: [family, friends]
- www.example.org: friends
`
const env = {
  PUBLIC_URL: 'https://login.example.org',
  TRUST_PROXY: '127.0.0.1',
  COOKIE_DOMAIN: 'example.org',
  GATE_HOSTS: '*.example.org'
}
const proxied = { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' }

/** Ways to write /admin, or /admin/x, that some app takes for it. */
const spellings = `
/admin /admin/ /admin? /admin?/public /admin#/public /admin/x /ADMIN /Admin/x /%61dmin /%61%64%6d%69%6e /%41dmin
/%2561dmin /%252561dmin //admin ///admin /./admin /.//admin /public/../admin /public/./../admin /public/%2e%2e/admin
/public/.%2e/admin /public/%2E%2E/admin /public/..%2fadmin /public%2f..%2fadmin /public/%2e%2e%2fadmin
/public/%252e%252e/admin /public/..%252fadmin /public/..%5cadmin /public\\..\\admin /public\\../admin \\admin /\\admin
/public/..;/admin /public/..;x=1/admin /;/admin /;x=1/admin /admin;x=1 /admin;/x /admin;x=1/x /public;/../admin
/public/x/../../admin /public/..//admin //public/../admin /public//../admin /public/../public/../admin
/../admin /../../admin /%2e%2e/admin /%2fadmin /%2Fadmin %2fadmin /%5cadmin /admin%2f /admin%2fx /admin%20 /admin%20/x
/admin. /admin./x /admin%2e /admin%09 /admin%00 /admin%0a /admin%3f /admin%3fx /admin%23 /admin/..;/admin
/x/../admin/../admin /public/.../admin /public/%c0%ae%c0%ae/admin /%ef%bd%81dmin /public%00/../admin
http://app/admin https://app.example.org/admin http://www.example.org/admin HTTP://wiki.example.org/ADMIN
/admin%ff /admin%zz /admin%u002f /public/..%c0%af../admin /public/%u002e%u002e/admin
`
  .trim()
  .split(/\s+/)

async function open(t: Test) {
  const folder = t.testdir({ 'gate.yaml': rules, files })
  const service = await build(t, {
    env: { ...env, GATE_RULES: join(folder, 'gate.yaml'), DATABASE_URL: `file:${folder}/latchkey.db` }
  })
  await service.latchkey.accounts.add(alice)
  const { id } = await accountOf(service)
  const { groups } = service[services]
  for (const group of ['family', 'friends']) {
    await groups.add(group)
    await groups.join(id, group)
  }
  const browser = new Visitor(service, 'browser')
  await browser.submit('/login', alice, { headers: proxied })
  const latchkey = Number(new URL(await service.listen({ port: 0, host: '127.0.0.1' })).port)
  const apps = await startPathApps(t, join(folder, 'files'))
  const cookie = `__Secure-latchkey=${browser.cookies['__Secure-latchkey']}`
  return { id, groups, latchkey, apps, cookie }
}

const example = (file: string) => readFile(join(import.meta.dirname, '../../examples/gate', file), 'utf8')

interface Upstreams {
  readonly latchkey: number
  readonly app: number
  /** The app that is open to everybody. */
  readonly open: number
}

/** The example with three apps, and a copy of its app for the open one. */
const start = {
  nginx: async (t: Test, { open, ...upstreams }: Upstreams) => {
    const conf = await example('nginx.conf')
    const [app = ''] = /^server {\n {2}listen 443 ssl http2;\n {2}server_name app.*?^}\n/ms.exec(conf) ?? []
    const openApp = app
      .replace('http://app;', `http://127.0.0.1:${open};`)
      .replace('app.example.org', 'open.example.org')
    return startNginxFrom(t, conf.replace(app, named(app) + openApp), upstreams)
  },
  Caddy: async (t: Test, { open, ...upstreams }: Upstreams) => {
    const conf = await example('Caddyfile')
    const [app = ''] = /^app\.example\.org {\n.*?^}\n/ms.exec(conf) ?? []
    const openApp = app
      .replace('127.0.0.1:8080', `127.0.0.1:${open}`)
      .replace('app.example.org', 'open.example.org')
    return startCaddyFrom(
      t,
      conf.replace(app, named(app).replaceAll(' wiki', ', wiki').replaceAll(' www', ', www') + openApp),
      upstreams
    )
  }
}

const haproxy = async (t: Test, { open, ...upstreams }: Upstreams) => {
  const conf = await example('haproxy.cfg')
  const [app = ''] = /^backend app\n.*/ms.exec(conf) ?? []
  const openApp = app.replace('backend app', 'backend open').replace('127.0.0.1:8080', `127.0.0.1:${open}`)
  const choice = '  use_backend app if { var(txn.host) -m str app.example.org }\n'
  const choices = `${named(choice)}  use_backend open if { var(txn.host) -m str open.example.org }\n`
  return startHaproxyFrom(t, `${conf.replace(choice, choices)}\n${openApp}`, upstreams)
}

const named = (app: string) => app.replace('app.example.org', hosts.join(' '))

/** Requests for an app that name the open one as well. */
const twoHosts = hosts.flatMap((host) => {
  const open = 'open.example.org'
  return [
    [`GET https://${host}/x HTTP/1.1`, `Host: ${open}`],
    [`GET http://${host}/x HTTP/1.1`, `Host: ${open}`],
    [`GET https://${open}/x HTTP/1.1`, `Host: ${host}`],
    [`GET https://${host}/x HTTP/1.1`, `Host: ${open}?`],
    [`GET https://${host}/x HTTP/1.1`, `Host: ${open}#`],
    [`GET https://${host}/x HTTP/1.1`, `Host: ${open}:443`],
    [`GET //${open}/x HTTP/1.1`, `Host: ${host}`],
    ['GET /x HTTP/1.1', `Host: ${host}`, `Host: ${open}`],
    ['GET /x HTTP/1.1', `Host: ${open}`, `Host: ${host}`],
    ['GET /x HTTP/1.1', `Host: ${host}@${open}`],
    ['GET /x HTTP/1.1', `Host: ${open}@${host}`],
    ['GET /x HTTP/1.1', `Host: ${host}`, `X-Forwarded-Host: ${open}`],
    ['GET /x HTTP/1.1', `Host: ${host}`, `X-Original-URL: https://${open}/x`],
    [
      'GET /x HTTP/1.1',
      `Host: ${host}`,
      `X-Rewrite-URL: https://${open}/x`,
      'X-Forwarded-Uri: /public',
      'X-Forwarded-Prefix: /public'
    ],
    [
      'GET /x HTTP/1.1',
      `Host: ${host}`,
      'X-Original-URL: https://app.example.org/public',
      'X-Original-Method: GET'
    ],
    [
      'GET /x HTTP/1.1',
      `Host: ${host}`,
      'Connection: close, X-Forwarded-Uri, X-Original-URL, X-Forwarded-Host, Host'
    ],
    [`GET /x HTTP/1.1`, `Host: ${host}.`],
    [`GET /x HTTP/1.1`, `Host: ${host.toUpperCase()}:444`],
    [`GET /x HTTP/1.0`, `Host: ${host}`]
  ]
})

t.test('the rules of the gate hold behind real proxies, however a request is written', async (t) => {
  const { id, groups, latchkey, apps, cookie } = await open(t)

  t.test('without a gate, many of them open it', async (t) => {
    for (const host of hosts) {
      const opened: string[] = []
      for (const path of spellings)
        if ((await directly(apps.port, host, path)).includes(secret)) opened.push(path)
      t.ok(opened.length > 10, `${host}: ${opened.join(' ')}`)
    }
  })

  for (const [name, startProxy] of Object.entries({ ...start, HAProxy: haproxy }))
    t.test(`behind ${name}`, async (t) => {
      const open = await startPlainApp(t)
      const proxy = await startProxy(t, { latchkey, app: apps.port, open: open.port })
      const ask = (host: string, line: string, headers: string[]) =>
        rawRequest(proxy, host, [line, ...headers, `Cookie: ${cookie}`, 'Connection: close'].join('\r\n'))
      for (const host of hosts) {
        t.match(await ask(host, 'GET /public/x HTTP/1.1', [`Host: ${host}`]), / 200 /, 'the plain path')
        const opened: string[] = []
        for (const path of spellings)
          if ((await ask(host, `GET ${path} HTTP/1.1`, [`Host: ${host}`])).includes(secret)) opened.push(path)
        t.same(opened, [], host)
      }

      const led = async (host: string, path: string, { method = 'GET', by = cookie } = {}) => {
        const headers = { ...(by && { cookie: by }), accept: 'text/html' }
        const { status = 0, headers: sent } = await requestThrough(proxy, { host, path, method, headers })
        return status >= 300 && status < 400 ? new URL(sent.location ?? '').pathname : status
      }
      for (const [path, signedIn, visitor] of [
        ['/', 200, '/login'],
        ['/public/x', 200, 200],
        ['/here', 200, 200],
        ['/there', 200, '/login'],
        ['/pay', '/confirm', '/login'],
        ['/admin', '/refused', '/login']
      ] as const)
        for (const host of hosts) {
          t.equal(await led(host, path), signedIn, host + path)
          t.equal(await led(host, path, { by: '' }), visitor, `signed out, ${host}${path}`)
        }
      t.equal(await led('app.example.org', '/', { method: 'OPTIONS', by: '' }), 200, 'a preflight')
      t.equal(apps.seen.at(-1), 'OPTIONS app.example.org /')

      // Each request of an open page asks again.
      await groups.leave(id, 'friends')
      t.same(await Promise.all(hosts.map((host) => led(host, '/'))), [200, 200, '/refused'])
      const program = await requestThrough(proxy, { host: 'www.example.org', headers: { cookie } })
      t.equal(program.status, 403)
      await groups.leave(id, 'family')
      t.same(await Promise.all(hosts.map((host) => led(host, '/'))), ['/refused', '/refused', '/refused'])
      for (const group of ['family', 'friends']) await groups.join(id, group)
      t.same(await Promise.all(hosts.map((host) => led(host, '/'))), [200, 200, 200])

      t.match(
        await rawRequest(
          proxy,
          'open.example.org',
          'GET /x HTTP/1.1\r\nHost: open.example.org\r\nConnection: close'
        ),
        / 200 /
      )
      apps.seen.length = 0
      for (const lines of twoHosts)
        for (const servername of ['app.example.org', 'open.example.org'])
          await rawRequest(proxy, servername, [...lines, 'Connection: close'].join('\r\n'))
      t.same(apps.seen, [], 'whoever is not signed in gets to no app by naming another')
      const session = connect(`https://127.0.0.1:${proxy.port}`, {
        rejectUnauthorized: false,
        servername: 'app.example.org'
      })
      for (const host of ['open.example.org', 'open.example.org:443']) {
        const stream = session.request({ ':path': '/x', ':authority': 'app.example.org', host })
        await text(stream).catch(() => '')
      }
      session.destroy()
      t.same(apps.seen, [], 'nor by HTTP/2')
    })
})

async function directly(port: number, host: string, path: string): Promise<string> {
  try {
    const sent = request({ port, path, headers: { host }, agent: false }).end()
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    sent.on('response', async (answer) => resolve(await text(answer))).on('error', reject)
    return await promise
  } catch {
    return ''
  }
}
