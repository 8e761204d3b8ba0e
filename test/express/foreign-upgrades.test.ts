import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import type { SessionOptions } from '../../src/express/session.ts'
import { keepers, makeSession } from './web.ts'

/**
 * A server whose WebSockets know the session, as the documentation of `ws` shows: the callback ignores errors.
 * @returns a function that shakes hands, and returns what comes over the connection
 */
async function open(t: Test, options: Partial<SessionOptions>) {
  const session = makeSession(t, options)
  const server = createServer((req, res) =>
    session(req as never, res as never, () => {
      Object.assign(Reflect.get(req, 'session'), { user: 'alice' })
      res.end()
    })
  )
  server.on('upgrade', (req: IncomingMessage, socket) => {
    socket.on('end', () => socket.destroy()).resume()
    const response = {} as ServerResponse
    session(req as never, response as never, () => {
      const { user = 'nobody' } = Object(Reflect.get(req, 'session'))
      socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${user} ${req.headers.cookie}`)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}/`)
  const [cookie] = answer.headers.get('set-cookie')?.split(';') ?? []
  return (headers: Record<string, string>, prefix = '') => {
    const sent = {
      host: `127.0.0.1:${port}`,
      cookie: `theme=dark; ${prefix}${cookie}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      ...headers
    }
    const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`)
    const socket = connect(port, '127.0.0.1')
    socket.write(Buffer.from(`GET / HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'))
    return text(socket)
  }
}

const trustedOrigins = ['https://www.example.org/', 'https://*.apps.example.net', 'capacitor://localhost']

for (const [name, keeper] of Object.entries(keepers)) {
  t.test(`with ${name}, only a page of this origin opens a WebSocket with the session`, async (t) => {
    const shakeHands = await open(t, { ...keeper, trustedOrigins })
    const host = 'app.example.org'
    for (const headers of [
      {},
      { host, origin: 'http://app.example.org' },
      { host, origin: 'https://app.example.org' },
      { host, origin: 'https://www.example.org' },
      { host, origin: 'https://shop.apps.example.net' },
      { host, origin: 'capacitor://localhost' },
      { host: 'app.example.org:443', origin: 'https://app.example.org' },
      { host, 'sec-fetch-site': 'same-origin', origin: 'https://app.example.org' },
      { 'x-forwarded-host': host, 'x-forwarded-proto': 'https', origin: 'https://app.example.org' },
      {
        'x-forwarded-host': `${host}, inner:81`,
        'x-forwarded-proto': 'https, http',
        origin: `https://${host}`
      }
    ])
      t.match(await shakeHands(headers), /alice theme=dark; connect\.sid=/, JSON.stringify(headers))

    for (const headers of [
      { host, origin: 'https://wiki.example.org' },
      { host, origin: 'https://app.example.org:8443' },
      { host, origin: 'https://apps.example.net' },
      { host, origin: 'null' },
      { host, origin: 'chrome-extension://abcdefghijklmnop' },
      { host, origin: 'other://app.example.org' },
      { host: 'localhost', origin: 'other://localhost' },
      { host: 'localhost', origin: '' },
      { host, origin: 'http://app.example.org', 'x-forwarded-proto': 'https' },
      { host, origin: 'https://wiki.example.org', 'sec-fetch-site': 'same-site' },
      { host, referer: 'https://wiki.example.org/' },
      { host: 'wiki.example.org@app.example.org', origin: 'https://wiki.example.org' }
    ])
      t.match(await shakeHands(headers), /nobody theme=dark$/, JSON.stringify(headers))

    for (const prefix of ['\xa0', '\t', 'connect.sid=x; '])
      t.match(await shakeHands({ host, origin: 'https://wiki.example.org' }, prefix), /nobody theme=dark$/)
  })
}

t.test('an origin that no page can have is refused at the start', async (t) => {
  for (const origin of ['www.example.org', 'https://*', 'https://www.example.org/path'])
    t.throws(() => makeSession(t, { trustedOrigins: [origin] }), {
      code: 'LATCHKEY_CONFIG',
      message: `trustedOrigins is "${origin}", it must be the origins of sites or apps`
    })
})
