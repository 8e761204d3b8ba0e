// group: attackers
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { alice, build, log, Visitor } from '../build.ts'

/** A proxy with its own address, which adds its headers and forwards the rest unchanged. */
async function startProxy(t: Test, { target, from }: { target: string; from: string }) {
  const proxy = createServer((incoming, outgoing) => {
    const { 'x-forwarded-for': before, ...headers } = incoming.headers
    const client = incoming.socket.remoteAddress
    const passed = {
      ...headers,
      'x-forwarded-for': before ? `${before}, ${client}` : client,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'login.example.org'
    }
    const onward = request(new URL(incoming.url ?? '/', target), {
      method: incoming.method ?? 'GET',
      headers: passed,
      localAddress: from
    })
    onward.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(onward)
  }).listen(0, '127.0.0.1')
  t.teardown(() => proxy.close())
  await new Promise((resolve) => proxy.once('listening', resolve))
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
}

/** The service, with a route that shows its view of a request, and a proxy that connects from 127.0.0.9. */
async function start(t: Test, env: Record<string, string>) {
  const app = await build(t, {
    env: { PUBLIC_URL: 'https://login.example.org', ...env },
    routes: (app) => app.get('/seen', async ({ ip, protocol, host }) => ({ ip, protocol, host }))
  })
  const target = await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, target, proxy: await startProxy(t, { target, from: '127.0.0.9' }) }
}

const forged = {
  'x-forwarded-for': '6.6.6.6',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
  'x-real-ip': '6.6.6.6',
  forwarded: 'for=6.6.6.6;proto=https;host=evil.example'
}

async function see(address: string, headers: Record<string, string> = {}) {
  return (await fetch(`${address}/seen`, { headers })).json()
}

async function signIn(address: string, headers: Record<string, string> = {}) {
  const body = new URLSearchParams(alice)
  const response = await fetch(`${address}/login`, { method: 'POST', body, headers })
  return { status: response.status, cookie: response.headers.get('set-cookie') ?? '' }
}

t.test('behind a trusted proxy the address is the client’s, whatever the client claims', async (t) => {
  const { app, proxy } = await start(t, { TRUST_PROXY: '127.0.0.9' })
  const seen = { ip: '127.0.0.1', protocol: 'https', host: 'login.example.org' }
  t.same(await see(proxy), seen)
  t.same(await see(proxy, forged), seen)
  t.same(await see(proxy, { ...forged, 'x-forwarded-for': '127.0.0.9, 127.0.0.9' }), seen)

  await app.latchkey.accounts.add(alice)
  const { status, cookie } = await signIn(proxy, forged)
  t.equal(status, 200)
  t.match(cookie, /^__Host-latchkey=.*; Secure/)
})

t.test('forwarding headers of clients that bypass the proxy are ignored', async (t) => {
  const { app, target } = await start(t, { TRUST_PROXY: '127.0.0.9' })
  const host = new URL(target).host
  t.same(await see(target, forged), { ip: '127.0.0.1', protocol: 'http', host })

  await app.latchkey.accounts.add(alice)
  t.same(await signIn(target, forged), { status: 400, cookie: '' })
  const strict = await fetch(`${target}/login`, { headers: forged })
  t.equal(strict.headers.get('strict-transport-security'), null)
})

t.test('without TRUST_PROXY the proxy’s headers are ignored, and the error names the setting', async (t) => {
  const { app, target, proxy } = await start(t, {})
  t.same(await see(proxy), { ip: '127.0.0.9', protocol: 'http', host: new URL(proxy).host })
  t.same(await see(target, forged), { ip: '127.0.0.1', protocol: 'http', host: new URL(target).host })

  await app.latchkey.accounts.add(alice)
  const refused = await fetch(`${proxy}/login`, { method: 'POST', body: new URLSearchParams(alice) })
  t.equal(refused.status, 400)
  t.match(await refused.json(), { code: 'LATCHKEY_INSECURE_CONNECTION', detail: /TRUST_PROXY/ })
})

t.test('two proxies in a row are both skipped if both are trusted', async (t) => {
  const { proxy: inner } = await start(t, { TRUST_PROXY: '127.0.0.9, 127.0.0.8' })
  const outer = await startProxy(t, { target: inner, from: '127.0.0.8' })
  t.match(await see(outer, forged), { ip: '127.0.0.1' })
})

t.test('no link is built from a forwarded host', async (t) => {
  const { app, proxy } = await start(t, { TRUST_PROXY: '127.0.0.9' })
  const browser = new Visitor(app, 'browser')
  for (const url of ['/dashboard', '/login', '/nothing']) {
    const { headers, body } = await browser.get(url, { headers: forged })
    t.notMatch(`${headers.location} ${body}`, 'evil.example', url)
    const proxied = await fetch(proxy + url, {
      headers: { ...forged, accept: 'text/html' },
      redirect: 'manual'
    })
    t.notMatch(`${proxied.headers.get('location')} ${await proxied.text()}`, 'evil.example', url)
  }
})

t.test('an untrusted proxy is logged once, with the setting to change', async (t) => {
  const warnings = () => log.lines.filter((line) => line.includes('sent X-Forwarded-For'))
  const before = warnings().length
  const covered = await start(t, { TRUST_PROXY: '127.0.0.9' })
  await see(covered.proxy, forged)
  await see(covered.target)
  t.equal(warnings().length, before, 'a trusted proxy is not logged, and neither is a direct client')

  const { target, proxy } = await start(t, { TRUST_PROXY: '127.0.0.8' })
  for (let requests = 0; requests < 5; requests += 1) {
    await see(proxy)
    await see(target, forged)
  }
  const [warning = '', ...more] = warnings().slice(before)
  t.match(JSON.parse(warning), { level: 40, msg: /^127\.0\.0\.9 sent .* Set TRUST_PROXY to its address\.$/ })
  t.notMatch(warning, '6.6.6.6', 'the header’s value is not repeated')
  t.same(more, [])
})
