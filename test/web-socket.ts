import { once } from 'node:events'

/** Why a WebSocket was closed. */
export interface Closing {
  readonly code: number
  readonly reason: string
}

/** A client of a WebSocket. */
export interface SocketClient {
  readonly socket: WebSocket
  /** What it has heard so far. */
  readonly heard: readonly string[]
  /** Resolves when it was closed, also if it was never open: then with 1006. */
  readonly closed: Promise<Closing>
}

/** Opens a WebSocket as a browser does, with Node's own. @param url http://… */
export function openSocket(url: string, cookies: Record<string, string> = {}): SocketClient {
  const cookie = cookieHeader(cookies)
  const options = { headers: cookie === '' ? {} : { cookie } }
  // The types know no options: https://undici.nodejs.org/#/docs/api/WebSocket.
  const socket: WebSocket = Reflect.construct(WebSocket, [url.replace('http', 'ws'), options])
  const heard: string[] = []
  socket.addEventListener('message', ({ data }) => heard.push(String(data)))
  const closed = once(socket, 'close').then(([{ code, reason }]) => ({ code, reason }))
  return { socket, heard, closed }
}

/** A Cookie header. */
export function cookieHeader(cookies: Record<string, string>): string {
  return Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
}
