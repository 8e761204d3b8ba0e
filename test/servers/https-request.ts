import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import type { ProxyServer } from './proxies.ts'

export interface SentRequest {
  readonly host: string
  /** Path and query, as they are written. */
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A request as no browser sends it, over a connection of its own. An upgrade ends with its head. */
export async function requestThrough(
  { port }: ProxyServer,
  { host, path = '/', method = 'GET', headers = {} }: SentRequest
): Promise<Answer> {
  const sent = request({
    ...{ host: '127.0.0.1', port, servername: host, rejectUnauthorized: false, agent: false },
    ...{ path, method, headers: { host, ...headers } }
  })
  const answered = Promise.race([once(sent, 'response'), once(sent, 'upgrade')])
  sent.end()
  const [answer]: IncomingMessage[] = await answered
  const { statusCode: status, headers: received } = answer as IncomingMessage
  const body = status === 101 ? '' : await text(answer as IncomingMessage)
  sent.destroy()
  return { status, headers: received, body }
}

/** A request as no library sends it. @param head without the last empty line @returns all of the answer */
export async function rawRequest({ port }: ProxyServer, servername: string, head: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false })
  socket.on('error', () => socket.destroy())
  socket.write(`${head}\r\n\r\n`, 'latin1')
  return text(socket)
}
