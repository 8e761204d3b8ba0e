import { once } from 'node:events'
import http, { createServer, type RequestListener } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import express, { type RequestHandler } from 'express'
import type { Test } from 'tap'
import { session } from '../../src/express/index.ts'
import type { SessionOptions } from '../../src/express/session.ts'
import { LatchkeyStore } from '../../src/express/store/latchkey-store.ts'
import { patientSettings } from '../servers/patience.ts'
import { longSessions } from '../servers/true-clock.ts'

/** Serves on a free port until the test ends. @returns the address */
export async function serve(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The stores with which the documented API has to work. */
export const keepers: Record<string, Pick<SessionOptions, 'settings'>> = {
  'express-session’s MemoryStore': {},
  'Latchkey’s store': { settings: { DATABASE_URL: 'file::memory:' } }
}

/** The session middleware with the tests' common options; its store is closed when the test ends. */
export function makeSession(t: Test, options: Partial<SessionOptions> = {}) {
  const middleware = session({
    secret: 'keyboard cat',
    resave: false,
    saveUninitialized: false,
    ...options,
    ...(options.settings && { settings: { ...patientSettings, ...longSessions, ...options.settings } })
  })
  const { store } = middleware
  t.teardown(() => (store instanceof LatchkeyStore ? store.close() : undefined))
  return middleware
}

/** A browser and an Express app with the session middleware and these handlers. */
export async function open(t: Test, options: Partial<SessionOptions>, ...handlers: RequestHandler[]) {
  const app = express()
  const middleware = makeSession(t, options)
  app.use(middleware, ...handlers)
  const browser = new Browser(await serve(t, app))
  return { app, browser, store: middleware.store }
}

export interface Answer {
  readonly status: number
  readonly statusMessage: string
  readonly body: string
  readonly headers: Headers
  /** The Set-Cookie headers. */
  readonly cookies: readonly string[]
}

/** Keeps all cookies it gets. */
export class Browser {
  readonly url: string
  readonly jar = new Map<string, string>()

  constructor(url: string, jar: Iterable<readonly [string, string]> = []) {
    this.url = url
    for (const [name, value] of jar) this.jar.set(name, value)
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#visit(path, { method: 'GET', headers })
  }

  submit(path: string, form: Record<string, string> = {}, more: Record<string, string> = {}) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', ...more }
    return this.#visit(path, { method: 'POST', headers }, new URLSearchParams(form).toString())
  }

  /** Another browser with the same cookies. */
  copy(url = this.url): Browser {
    return new Browser(url, this.jar)
  }

  async #visit(path: string, { method, headers }: Visit, body = ''): Promise<Answer> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await send(
      this.url + path,
      { method, headers: { ...(cookie && { cookie }), ...headers } },
      body
    )
    for (const each of answer.cookies) this.#keep(each)
    return answer
  }

  #keep(cookie: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    if (/Expires=Thu, 01 Jan 1970|Max-Age=0/.test(cookie)) this.jar.delete(name)
    else this.jar.set(name, value)
  }
}

interface Visit {
  readonly method: string
  readonly headers: Record<string, string>
}

/** Does not follow redirects; accepts any certificate. */
async function send(url: string, visit: Visit, body: string): Promise<Answer> {
  const { request } = url.startsWith('https:') ? https : http
  const sent = request(url, { ...visit, rejectUnauthorized: false }).end(body)
  const [response] = (await once(sent, 'response')) as [http.IncomingMessage]
  const { statusCode: status = 0, statusMessage = '', headers } = response
  const { 'set-cookie': cookies = [], ...others } = headers
  return { status, statusMessage, body: await text(response), headers: new Headers(Object(others)), cookies }
}
