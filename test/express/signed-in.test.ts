// group: real-processes
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import express from 'express'
import t, { type Test } from 'tap'
import { signedIn, signIn, signOut } from '../../src/express/index.ts'
import { LatchkeyStore } from '../../src/express/store/latchkey-store.ts'
import type { Request } from '../../src/express/strict/middleware.ts'
import type { Environment } from '../../src/settings/environment.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'
import { openSocket } from '../web-socket.ts'
import { Browser, makeSession } from './web.ts'

// It comes with @fastify/websocket, and has no types.
const { WebSocketServer } = createRequire(import.meta.url)('ws')

const redis = await startRedis(t)
const stores: Record<string, Environment> = {
  'the embedded database': { DATABASE_URL: 'file::memory:' },
  Redis: { REDIS_URL: redis.url },
  'Redis without a cache': { REDIS_URL: redis.url, SESSION_CACHE: '0' }
}

/** An Express app with WebSockets of `ws` and an event stream that close when the session ends. */
async function open(t: Test, settings: Environment | undefined) {
  const session = makeSession(t, settings ? { settings } : {})
  const app = express()
  app.use(session)
  app.get('/login', (req, res, next) => void signIn(req, 'alice').then(() => res.end(), next))
  app.get('/logout', (req, res, next) => void signOut(req).then(() => res.end(), next))
  app.get('/events', (req, res) => {
    const signal = signedIn(req)
    if (signal.aborted) return void res.status(401).end(signal.reason.code)
    res.type('text/event-stream').write('data: open\n\n')
    signal.addEventListener('abort', () => res.end(`data: ${signal.reason.code}\n\n`))
  })
  app.get('/once', (req, res) => void res.end(String(signedIn(req).aborted)))
  const server = createServer(app).listen(0, '127.0.0.1')
  acceptWebSockets(server, session)
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const { store } = session
  const size = () => (store instanceof LatchkeyStore && store.opened?.signals.size) || 0
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, size }
}

function acceptWebSockets(server: Server, session: ReturnType<typeof makeSession>): void {
  const wss = new WebSocketServer({ noServer: true })
  server.on('upgrade', (req: Request, socket, head) => {
    session(req, {} as never, () => {
      wss.handleUpgrade(req, socket, head, (ws: WebSocket & { send(text: string): void }) => {
        const signal = signedIn(req)
        const close = () => ws.close(4401, signal.reason.code)
        if (signal.aborted) return close()
        signal.addEventListener('abort', close)
        ws.send(`Hello, ${Object(req.session).user}`)
      })
    })
  })
}

for (const [name, settings] of Object.entries(stores)) {
  t.test(`in ${name}, a WebSocket and an event stream close when the session ends`, async (t) => {
    const { url, size } = await open(t, settings)
    t.same(await openSocket(url).closed, { code: 4401, reason: 'LATCHKEY_SIGN_IN_REQUIRED' })
    const browser = new Browser(url)
    t.equal((await browser.get('/events')).body, 'LATCHKEY_SIGN_IN_REQUIRED')
    await browser.get('/login')
    const cookies = Object.fromEntries(browser.jar)
    const { socket, heard, closed } = openSocket(url, cookies)
    await once(socket, 'message')
    t.same(heard, ['Hello, alice'])
    const stream = browser.get('/events')
    await eventually('two open connections', () => size() === 2)
    await browser.get('/logout')
    t.same(await closed, { code: 4401, reason: 'LATCHKEY_SESSION_ENDED' })
    t.match((await stream).body, 'data: LATCHKEY_SESSION_ENDED')
    t.equal(size(), 0)
  })
}

t.test('a closed connection leaves nothing, even if it is used again', async (t) => {
  const { url, size } = await open(t, stores['the embedded database'])
  const browser = new Browser(url)
  await browser.get('/login')
  for (let n = 0; n < 3; n += 1) t.equal((await browser.get('/once')).body, 'false')
  const { socket } = openSocket(url, Object.fromEntries(browser.jar))
  await once(socket, 'message')
  t.equal(size(), 1, 'the WebSocket alone')
  socket.close()
  await eventually('nothing', () => size() === 0)
})

t.test('with another store it is an error', async (t) => {
  const { url } = await open(t, undefined)
  t.match((await new Browser(url).get('/once')).body, 'TypeError: signedIn() needs')
})
