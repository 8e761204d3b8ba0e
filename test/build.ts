import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Response } from 'light-my-request'
import type { Test } from 'tap'
import latchkey from '../src/app.ts'
import { services } from '../src/open-services.ts'
import { schemaController } from '../src/server/schema-compilers.ts'
import { serverOptions } from '../src/server/server-options.ts'
import { readConfig } from '../src/settings/config.ts'
import type { Environment } from '../src/settings/environment.ts'
import { findSecret, shortestSecret } from './logged-secrets.ts'
import { patientSettings } from './servers/patience.ts'
import { steadyNow } from './servers/true-clock.ts'

export interface BuildOptions {
  readonly env?: Environment
  readonly now?: () => number
  /** Additional routes for the test. */
  readonly routes?: (app: FastifyInstance) => void
}

/**
 * The whole service with its own database, closed when the test ends. With `SESSION_CACHE=0 npm test` every
 * request reads the store. By default the storage timeout is that of servers/patience.ts, password hashing is
 * made cheap, and the clock is a monotonic one.
 */
export async function build(t: Test, { env = {}, now = steadyNow, routes }: BuildOptions = {}) {
  const DATABASE_URL = env.DATABASE_URL ?? `file:${ownFolder(t)}/latchkey.db`
  const asked = readConfig({
    LOG_LEVEL: 'trace',
    ...patientSettings,
    SESSION_CACHE: process.env.SESSION_CACHE,
    ...env,
    DATABASE_URL
  })
  const config = env.PASSWORD_HASH ? asked : { ...asked, passwordHash: nextToNoCost }
  const options = serverOptions(config)
  const app = Fastify({ ...options, schemaController, logger: { level: options.logger.level, stream: log } })
  log.services += 1
  t.teardown(async () => {
    await app.close()
    log.services -= 1
    log.giveNothingAway()
  })
  await app.register(latchkey, { config, now })
  routes?.(app)
  await app.ready()
  return app
}

/** Not t.testdir(): that of a service which all tests of a file share is emptied by the next such file of the process. */
function ownFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Below any allowed setting: many hundreds of users sign in here, and few tests concern the cost. */
const nextToNoCost = { memoryKiB: 64, passes: 1, lanes: 1 } as const

/** The log of all services in this process. It must not contain a secret. */
export const log = {
  services: 0,
  lines: [] as string[],
  secrets: new Set<string>(),

  write(line: string) {
    this.lines.push(line)
  },

  /** Long ones only: a short wrong password may be part of any word. */
  keepSecret(secret: string) {
    if (secret.length >= shortestSecret) this.secrets.add(secret)
  },

  giveNothingAway() {
    if (this.services > 0) return
    const told = findSecret(this.lines, this.secrets)
    this.lines = []
    this.secrets.clear()
    if (told) throw new Error(`The log holds the secret ${told.secret}: ${told.line}`)
  }
}

export const alice = { username: 'alice', password: 'correct horse battery' }
export const secret = randomBytes(32).toString('hex')

type Payload = Record<string, unknown>
interface Visit {
  readonly headers?: Record<string, string>
}

/** A client with a cookie jar: a browser that sends forms and accepts HTML, or a program that uses JSON. */
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

  put(url: string, payload: Payload = {}, visit: Visit = {}): Promise<Response> {
    return this.#send({ method: 'PUT', url, headers: visit.headers ?? {}, payload })
  }

  delete(url: string, visit: Visit = {}): Promise<Response> {
    return this.#send({ method: 'DELETE', url, headers: visit.headers ?? {} })
  }

  async #send(request: {
    method: 'GET' | 'POST' | 'PUT' | 'DELETE'
    url: string
    headers: Record<string, string>
    payload?: Payload | string
  }) {
    // As browsers and programs send over HTTP/1.1.
    const headers = { accept: this.#accept, connection: 'keep-alive', ...request.headers }
    const { payload } = request
    if (typeof payload === 'object') log.keepSecret(String(payload.password ?? ''))
    else if (payload) log.keepSecret(new URLSearchParams(payload).get('password') ?? '')
    const response = await this.app.inject({ ...request, headers, cookies: this.cookies })
    for (const { name, value, maxAge } of response.cookies) {
      // The signed token and, in it, both halves of the session id.
      for (const part of [value, ...value.replace(/^s:/, '').split('.').slice(0, 2)]) log.keepSecret(part)
      if (maxAge === 0) delete this.cookies[name]
      else this.cookies[name] = value
    }
    return response
  }
}

/** Creates alice's account and signs her in. */
export async function registerAlice(app: FastifyInstance, kind: 'browser' | 'program' = 'browser') {
  const visitor = new Visitor(app, kind)
  const code = await app[services].firstAccount.code()
  await visitor.post('/register', { ...alice, code }, { headers: { accept: 'application/json' } })
  return visitor
}

/** An account of a service. */
export async function accountOf(app: FastifyInstance, name = alice.username) {
  const account = await app.latchkey.accounts.find(name)
  if (!account) throw new Error(`There is no account called ${name}.`)
  return account
}

/** The embedded database file of a service. */
export function databaseFile(app: FastifyInstance): string {
  const { database } = app[services].config
  return database.kind === 'sqlite' ? database.file : ''
}

/** The number of sessions in the embedded database, without what is left under former keys. */
export function countSessions(app: FastifyInstance): number {
  const database = new DatabaseSync(databaseFile(app), { readOnly: true })
  const row = database
    .prepare(`SELECT count(*) AS sessions FROM sessions WHERE record NOT LIKE '%"movedTo":%'`)
    .get()
  database.close()
  return Number(row?.sessions)
}
