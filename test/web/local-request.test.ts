import t from 'tap'
import { isLocal, isLoopback, type ReceivedRequest } from '../../src/web/local-request.ts'

const connection = 'keep-alive'
const local: ReceivedRequest = {
  remoteAddress: '127.0.0.1',
  listening: '127.0.0.1',
  httpVersion: '1.1',
  headers: { host: 'localhost:3000', connection }
}

t.test('loopback is of this machine alone', async (t) => {
  for (const host of [
    'localhost',
    'auth.localhost',
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1'
  ])
    t.ok(isLoopback(host), host)
  for (const host of [
    '',
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'localhost.example.org',
    'example.org',
    '128.0.0.1',
    '::2'
  ])
    t.notOk(isLoopback(host), host)
})

t.test('a request is local if nobody else can send it', async (t) => {
  t.ok(isLocal(local))
  t.ok(isLocal({ ...local, listening: undefined }), 'a test')
  t.ok(
    isLocal({ ...local, listening: '::1', remoteAddress: '::1', headers: { host: '[::1]:3000', connection } })
  )
  const others: Partial<ReceivedRequest>[] = [
    { remoteAddress: '192.0.2.1' },
    { remoteAddress: undefined },
    { listening: '0.0.0.0' },
    { listening: '::' },
    { httpVersion: '1.0' },
    { httpVersion: '2.0' },
    { headers: { connection } },
    { headers: { host: 'localhost:3000' } },
    { headers: { host: 'localhost:3000', connection: 'close' } },
    { headers: { host: 'example.org', connection } },
    { headers: { host: 'localhost:3000@example.org', connection } },
    { headers: { host: 'localhost', connection, 'x-forwarded-for': '192.0.2.1' } },
    { headers: { host: 'localhost', connection, 'x-real-ip': '192.0.2.1' } },
    { headers: { host: 'localhost', connection, via: '1.1 caddy' } }
  ]
  for (const other of others) t.notOk(isLocal({ ...local, ...other }), JSON.stringify(other))
})
