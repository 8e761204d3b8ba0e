import { once } from 'node:events'
import { request } from 'node:http'
import websocket, { type WebsocketPluginOptions } from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import latchkey, { SignInRequiredError } from '../../src/index.ts'
import { schemaController } from '../../src/server/schema-compilers.ts'
import { signedInCookies } from '../../src/testing.ts'
import { eventually } from '../servers/eventually.ts'
import { patientSettings } from '../servers/patience.ts'
import { openSocket } from '../web-socket.ts'

type Order = 'after @fastify/websocket' | 'before @fastify/websocket' | 'around @fastify/websocket'

interface HostOptions extends WebsocketPluginOptions {
  readonly order?: Order
}

/** A host app whose WebSockets want different things, and the levels and messages of its log. */
async function host(t: Test, { order = 'after @fastify/websocket', ...options }: HostOptions = {}) {
  const log: { level: number; msg: string }[] = []
  const stream = { write: (line: string) => log.push(JSON.parse(line)) }
  const app = Fastify({ pluginTimeout: 0, schemaController, logger: { stream } })
  t.teardown(() => app.close())
  const { STORAGE_PATIENCE: storagePatience } = patientSettings
  if (order === 'after @fastify/websocket') await app.register(websocket, options)
  await app.register(latchkey, { databaseUrl: 'file::memory:', storagePatience })
  if (order === 'before @fastify/websocket') await app.register(websocket, options)
  await app.register(async (scope) => {
    if (order === 'around @fastify/websocket') await scope.register(websocket, options)
    sockets(scope)
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const warnings = () => log.filter(({ level }) => level >= 40).map(({ msg }) => msg)
  return { app, url, log, warnings }
}

function sockets(app: FastifyInstance): void {
  app.get('/user', { websocket: true }, async (socket, request) => {
    const { name } = await request.requireUser()
    socket.send(name)
  })
  app.get('/admin', { websocket: true }, async (_socket, request) => {
    await request.requireUser({ role: 'admin' })
  })
  app.get('/recent', { websocket: true }, async (_socket, request) => {
    await request.requireUser({ within: '1s' })
  })
  app.get('/catching', { websocket: true }, async (socket, request) => {
    await request.requireUser().catch((error) => request.log.error(error, 'caught'))
    request.log.error('another')
    socket.terminate()
  })
  app.get('/broken', { websocket: true }, async (_socket, request) => {
    await request.requireUser()
    throw new Error('a bug')
  })
  app.route({
    method: 'GET',
    url: '/both',
    handler: (request) => request.requireUser(),
    wsHandler: async (_socket, request) => void (await request.requireUser())
  })
  const preValidation = async (request: { requireUser(): Promise<unknown> }) =>
    void (await request.requireUser())
  app.get('/refusing', { websocket: true, preValidation }, (socket) => socket.send('welcome'))
  app.get('/later', { websocket: true, preHandler: preValidation }, (socket) => socket.send('welcome'))
}

const orders = ['after @fastify/websocket', 'before @fastify/websocket', 'around @fastify/websocket'] as const
for (const order of orders) {
  t.test(
    `${order}: requireUser closes the WebSocket of nobody, and that is no fault of the app`,
    async (t) => {
      const { app, url, log, warnings } = await host(t, { order })
      for (const path of ['/user', '/both'])
        t.same(await openSocket(url + path).closed, { code: 4401, reason: 'LATCHKEY_SIGN_IN_REQUIRED' }, path)
      t.same(warnings(), [])
      t.ok(log.some(({ level, msg }) => level === 30 && msg === new SignInRequiredError().message))

      const cookies = await signedInCookies(app, 'alice')
      const { socket, heard } = openSocket(`${url}/user`, cookies)
      await once(socket, 'message')
      t.same(heard, ['alice'])
      const { closed } = openSocket(`${url}/admin`, cookies)
      t.same(await closed, { code: 4403, reason: 'LATCHKEY_ROLE_REQUIRED' })
      const old = await signedInCookies(app, 'alice', { session: { accountProofs: { password: 0 } } })
      const recent = openSocket(`${url}/recent`, old)
      t.same(await recent.closed, { code: 4401, reason: 'LATCHKEY_RECENT_PROOF_REQUIRED' })
      t.same(warnings(), [])
      t.equal((await openSocket(`${url}/broken`, cookies).closed).code, 1006)
      t.same(warnings(), ['a bug'], 'as without Latchkey')
    }
  )
}

t.test('in preValidation or preHandler it refuses before the upgrade, with 401', async (t) => {
  const { app, url, warnings } = await host(t)
  for (const path of ['/refusing', '/later']) {
    t.equal((await openSocket(url + path).closed).code, 1006, path)
    const headers = { upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-version': '13' }
    const sent = request(url + path, { headers: { ...headers, 'sec-websocket-key': 'x'.repeat(24) } }).end()
    const [answer] = await once(sent, 'response')
    t.equal(answer.statusCode, 401, path)
    const [body] = await once(answer, 'data')
    t.match(JSON.parse(body), { code: 'LATCHKEY_SIGN_IN_REQUIRED' })
    const { socket, heard } = openSocket(url + path, await signedInCookies(app, 'alice'))
    await once(socket, 'message')
    t.same(heard, ['welcome'])
  }
  t.same(warnings(), [])
})

t.test('what else a handler logs is logged as it is', async (t) => {
  const { url, warnings } = await host(t)
  t.equal((await openSocket(`${url}/catching`).closed).code, 4401)
  await eventually('the log', () => warnings().length > 0)
  t.same(warnings(), ['another'])
})

t.test('an error handler of the app gets the error', async (t) => {
  const { promise: error, resolve } = Promise.withResolvers<Error>()
  const { url } = await host(t, { errorHandler: resolve })
  t.equal((await openSocket(`${url}/user`).closed).code, 4401)
  t.type(await error, SignInRequiredError)
})
