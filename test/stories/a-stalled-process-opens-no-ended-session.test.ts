// group: real-processes
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { services } from '../../src/open-services.ts'
import { blockEventLoopUntil } from '../block-event-loop.ts'
import { build, databaseFile, registerAlice, secret } from '../build.ts'
import { command, settings } from '../cli/command.ts'

const clients = 20

/**
 * A thread with clients of its own: their connections are open before the process is stalled, and they ask when the
 * command, which is another process, has confirmed that the session is ended. The first cell tells the process that
 * all have asked, the second tells them that it is about to stand still.
 */
const clientsThread = `
  const { spawnSync } = require('node:child_process')
  const { once } = require('node:events')
  const { connect } = require('node:net')
  const { parentPort, workerData } = require('node:worker_threads')
  const { port, cookie, command, env, cells, clients } = workerData
  const ask = 'GET /api/session HTTP/1.1\\r\\nhost: localhost\\r\\ncookie: ' + cookie + '\\r\\n\\r\\n'
  const answer = async (socket) => String((await once(socket, 'data'))[0]).slice(9, 12)
  const open = async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write(ask)
    return [socket, await answer(socket)]
  }
  async function main() {
    const opened = await Promise.all(Array.from({ length: clients }, open))
    parentPort.postMessage({ before: opened.map(([, status]) => status) })
    Atomics.wait(cells, 1, 0)
    const ended = spawnSync(process.execPath, [command, 'sessions', 'end', 'alice', '--all'], { env })
    const answers = opened.map(([socket]) => answer(socket))
    await Promise.all(opened.map(([socket]) => new Promise((sent) => socket.write(ask, sent))))
    goOn()
    parentPort.postMessage({ ended: ended.status, error: String(ended.stderr), after: await Promise.all(answers) })
    for (const [socket] of opened) socket.destroy()
  }
  const goOn = () => {
    cells[0] = 1
    Atomics.notify(cells, 0)
  }
  main().finally(goOn)
`

const asksWhen: Record<string, (step: () => void) => void> = {
  'in the callback that reads a request': (step) => step(),
  'before the poll that reads them': (step) => setImmediate(step)
}

for (const [when, schedule] of Object.entries(asksWhen)) {
  t.test(`requests sent after another process ended the session are nobody's: asked ${when}`, async (t) => {
    const cells = new Int32Array(new SharedArrayBuffer(8))
    const app = await build(t, {
      env: { SESSION_SECRET: secret },
      routes: (app) => stall(app, schedule, cells)
    })
    const { cookies } = await registerAlice(app)
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    const cookie = `latchkey=${cookies.latchkey}`
    const env = { ...settings(t, { DATABASE_URL: `file:${databaseFile(app)}`, SESSION_SECRET: secret }) }
    const worker = new Worker(clientsThread, {
      eval: true,
      workerData: { port, cookie, command, env, cells, clients }
    })
    t.teardown(() => worker.terminate())
    const [{ before }] = await once(worker, 'message')
    t.same(before, Array(clients).fill('200'))

    const answered = once(worker, 'message')
    await fetch(`http://127.0.0.1:${port}/stall`, { headers: { cookie } })
    const [{ ended, error, after }] = await answered

    t.equal(ended, 0, error)
    t.same(after, Array(clients).fill('401'))
  })
}

/** The session is looked up, which asks for changes, and in the same callback the process stands still. */
function stall(
  app: FastifyInstance,
  schedule: (step: () => void) => void,
  cells: Int32Array<SharedArrayBuffer>
) {
  app.get('/stall', (request, reply) => {
    const { sessionId } = request.session
    schedule(() => {
      const { sessions } = app[services]
      if (!sessions.peek(sessions.addressOf(sessionId))) throw new Error('the session is not cached')
      cells[1] = 1
      Atomics.notify(cells, 1)
      blockEventLoopUntil(cells)
      reply.send('done')
    })
  })
}
