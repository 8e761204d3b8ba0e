// group: attackers
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { serverOptions } from '../../src/server/server-options.ts'
import { readConfig } from '../../src/settings/config.ts'
import { build } from '../build.ts'

/** The longest wait until Node checks the timeout. */
const mostMilliseconds = 15_000
const head = 'POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
const whole = 'GET /login HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** What is sent at once, and what is added every half second for ever. */
const senders = {
  'half a body': { sent: `${head}Content-Length: 100\r\n\r\n{"username":` },
  'half the headers': { sent: head },
  'half a line': { sent: 'GET /lo' },
  nothing: { sent: '' },
  'half a second request': { sent: `${whole}${head}` },
  'half a body that is too large': { sent: `${head}Content-Length: 1000000\r\n\r\n{` },
  'a body byte by byte': { sent: `${head}Content-Length: 100\r\n\r\n`, added: 'x' },
  'a chunk now and then': { sent: `${head}Transfer-Encoding: chunked\r\n\r\n`, added: '1\r\nx\r\n' },
  'headers one by one': { sent: head, added: 'X-Slow: loris\r\n' }
}
const ofEach = 20

t.test(`${ofEach} slow senders of each kind get a 408 and are disconnected`, async (t) => {
  const app = await build(t)
  const address = await app.listen({ port: 0, host: '127.0.0.1' })

  const endings = Object.entries(senders).flatMap(([kind, sender]) =>
    Array.from({ length: ofEach }, async () => {
      const answer = await send(Number(new URL(address).port), sender)
      return { kind, status: /HTTP\/1\.1 (\d+) [^\r]+\r\n(?!.*HTTP)/s.exec(answer)?.[1] }
    })
  )
  t.equal((await fetch(`${address}/login`)).status, 200, 'others are served meanwhile')

  const ended = await Promise.all(endings)
  for (const kind of Object.keys(senders)) {
    const mine = ended.filter((ending) => ending.kind === kind)
    t.same(
      mine.map(({ status }) => status),
      Array(ofEach).fill('408'),
      kind
    )
  }
  t.ok((await connections(app.server)) <= 1, 'only the served connection is open')
})

t.test('the limit is 15 s', async (t) => {
  const { requestTimeout, http } = serverOptions(readConfig({}))
  for (const timeout of [requestTimeout, http.requestTimeout, http.headersTimeout])
    t.ok(timeout + http.connectionsCheckingInterval < mostMilliseconds)
})

async function send(port: number, { sent, added }: { sent: string; added?: string }): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  // Writes after the end are refused; only the response counts.
  socket.on('error', () => {})
  socket.write(sent)
  const adding = setInterval(() => added && socket.write(added), 500)
  try {
    return await text(socket)
  } finally {
    clearInterval(adding)
    socket.destroy()
  }
}

function connections(server: { getConnections(done: (error: Error | null, count: number) => void): void }) {
  return new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
}
