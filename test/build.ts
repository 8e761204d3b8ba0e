import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Response } from 'light-my-request'
import type { Test } from 'tap'
import latchkey from '../src/app.ts'
import { type Environment, readConfig } from '../src/config.ts'
import { serverOptions } from '../src/server-options.ts'

export interface BuildOptions {
  readonly env?: Environment
  readonly now?: () => number
  /** Routes of the test's own, registered beside the service's. */
  readonly routes?: (app: FastifyInstance) => void
}

/** The whole service over a database of its own, closed when the test ends. */
export async function build(t: Test, { env = {}, now = Date.now, routes }: BuildOptions = {}) {
  const DATABASE_URL = env.DATABASE_URL ?? `file:${t.testdir()}/latchkey.db`
  const config = readConfig({ LOG_LEVEL: 'silent', ...env, DATABASE_URL })
  const app = Fastify(serverOptions(config))
  t.teardown(() => app.close())
  await app.register(latchkey, { config, now })
  routes?.(app)
  await app.ready()
  return app
}

export const alice = { username: 'alice', password: 'correct horse battery' }
export const secret = randomBytes(32).toString('hex')

type Payload = Record<string, unknown>
interface Visit {
  readonly headers?: Record<string, string>
}

/** Somebody with a cookie jar: a browser that sends forms and wants pages, or a program that speaks JSON. */
export class Visitor {
  readonly app: FastifyInstance
  readonly #accept: string
  cookies: Record<string, string> = {}

  constructor(app: FastifyInstance, kind: 'browser' | 'program') {
    this.app = app
    this.#accept = kind === 'browser' ? 'text/html,application/xhtml+xml,*/*;q=0.8' : 'application/json'
  }

  get(url: string, visit: Visit = {}): Promise<Response> {
    return this.#send({ method: 'GET', url, headers: visit.headers ?? {} })
  }

  submit(url: string, form: Record<string, string> | string = {}, visit: Visit = {}): Promise<Response> {
    const payload = typeof form === 'string' ? form : new URLSearchParams(form).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded', ...visit.headers }
    return this.#send({ method: 'POST', url, headers, payload })
  }

  post(url: string, payload: Payload = {}, visit: Visit = {}): Promise<Response> {
    return this.#send({ method: 'POST', url, headers: visit.headers ?? {}, payload })
  }

  async #send(request: {
    method: 'GET' | 'POST'
    url: string
    headers: Record<string, string>
    payload?: Payload | string
  }) {
    const headers = { accept: this.#accept, ...request.headers }
    const response = await this.app.inject({ ...request, headers, cookies: this.cookies })
    for (const { name, value, maxAge } of response.cookies) {
      if (maxAge === 0) delete this.cookies[name]
      else this.cookies[name] = value
    }
    return response
  }
}

/** Makes alice's account and signs her in. */
export async function registerAlice(app: FastifyInstance, kind: 'browser' | 'program' = 'browser') {
  const visitor = new Visitor(app, kind)
  await visitor.post('/register', alice, { headers: { accept: 'application/json' } })
  return visitor
}

/** How many sessions the embedded database holds. */
export function countSessions(app: FastifyInstance): number {
  const { database: address } = app.latchkey.config
  const database = new DatabaseSync(address.kind === 'sqlite' ? address.file : '', { readOnly: true })
  const row = database.prepare('SELECT count(*) AS sessions FROM sessions').get()
  database.close()
  return Number(row?.sessions)
}
