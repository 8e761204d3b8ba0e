import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import { freePort } from './free-port.ts'
import { startRedisProcess } from './redis-process.ts'

t.test('a port is free, and so is the one that a Cluster takes beside it', async (t) => {
  const next = (await freePort()) + 1
  for (const taken of [next, next + 1 + 10_000]) {
    const server = createServer().listen(taken, '127.0.0.1')
    // Whoever else has the port serves as well.
    await once(server, 'listening').catch(() => {})
    t.teardown(() => server.close())
  }
  const port = await freePort()
  t.not(port, next)
  t.not(port, next + 1)
})

t.test('no port is one that a Cluster takes beside another', async (t) => {
  const ports = new Set(await Promise.all(Array.from({ length: 3000 }, freePort)))
  t.same(
    [...ports].filter((port) => ports.has(port + 10_000)),
    []
  )
})

t.test('a server that has no port says so', async (t) => {
  const port = await freePort()
  const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const starting = startRedisProcess(t, port, ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''])
  await t.rejects(starting, { message: /Address already in use/ })
})
