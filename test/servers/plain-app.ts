import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Test } from 'tap'

export interface PlainApp {
  readonly port: number
  /** The headers of every request that reached it. */
  readonly seen: IncomingHttpHeaders[]
}

const handshake = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** An app that knows nothing of Latchkey: greets the user in `Remote-User`, by WebSocket too. */
export async function startPlainApp(t: Test): Promise<PlainApp> {
  const seen: IncomingHttpHeaders[] = []
  const sockets = new Set<Duplex>()
  const server = createServer(({ headers }, response) => {
    seen.push(headers)
    response.setHeader('content-type', 'text/html').setHeader('set-cookie', 'theme=dark; Path=/')
    response.end(`<link rel="icon" href="data:,"><h1>Hello, ${headers['remote-user']}</h1>`)
  })
  server.on('upgrade', ({ headers }, socket) => {
    seen.push(headers)
    sockets.add(socket)
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${handshake}`).digest('base64')
    const fields = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}`
    const text = Buffer.from(`Hello, ${headers['remote-user']}`)
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n\r\n`)
    // RFC 6455 §5.2: a text frame of less than 126 bytes.
    socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]))
    socket.on('error', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, seen }
}
