import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import Fastify from 'fastify'
import type { Test } from 'tap'

/** What /admin of each of these apps answers; everything else answers something else. */
export const secret = 'only for administrators'

export interface PathApps {
  /** The port of all of them; Host chooses. */
  readonly port: number
  /** The request lines of each request that reached one. */
  readonly seen: string[]
}

/** For the folder of files of the first one. */
export const files = { admin: { 'index.html': secret, x: secret }, public: { x: 'public' } }

/** Apps that read paths as loosely as their frameworks let them, one for each kind, by the name of their host. */
export async function startPathApps(t: Test, folder: string): Promise<PathApps> {
  const seen: string[] = []
  const fastify = await looseFastify(t)
  const apps: Record<string, RequestListener> = {
    app: staticExpress(folder),
    wiki: fastify,
    www: likeServlets
  }
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.headers.host} ${request.url}`)
    const [name = ''] = (request.headers.host ?? '').split('.')
    const app = apps[name]
    if (app) app(request, response)
    else response.end('no app')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, seen }
}

/** Files are looked up decoded and without dots; routes in any case. */
function staticExpress(folder: string): RequestListener {
  const app = express()
  app.use('/admin', (_request, response) => void response.send(secret))
  app.use(express.static(folder))
  app.use((_request, response) => void response.send('something else'))
  return app as RequestListener
}

async function looseFastify(t: Test): Promise<RequestListener> {
  const app = Fastify({
    routerOptions: {
      caseSensitive: false,
      ignoreDuplicateSlashes: true,
      ignoreTrailingSlash: true
    }
  })
  app.get('/admin', async () => secret)
  app.get('/admin/*', async () => secret)
  app.get('/*', async () => 'something else')
  await app.ready()
  t.teardown(() => app.close())
  return app.routing as RequestListener
}

/** As servlets and ASP.NET read it: parameters, backslashes, dots, case, and encodings that are decoded twice. */
function likeServlets({ url = '' }: IncomingMessage, response: ServerResponse): void {
  try {
    const [path = ''] = url.replace(/^https?:\/\/[^/]*/i, '').split(/[?#]/)
    const decoded = decodeURIComponent(decodeURIComponent(path))
      .replaceAll('\\', '/')
      .replace(/;[^/]*/g, '')
    const read = new URL(decoded.replace(/\/+/g, '/'), 'http://app').pathname.toLowerCase()
    response.end(/^\/admin[. ]*(\/|$)/.test(decodeURIComponent(read)) ? secret : 'something else')
  } catch {
    response.end('bad request')
  }
}
