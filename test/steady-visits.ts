import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sign } from '@fastify/cookie'
import type { FastifyInstance } from 'fastify'
import { StorageError } from '../src/errors/errors.ts'
import { sessionCookie, valuePrefix } from '../src/sessions/cookie/session-cookie.ts'

const atOnce = 5
const signInsAtOnce = 20
const pauseMilliseconds = 50

export interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly setsCookie: boolean
  /** By performance.now(). */
  readonly askedAt: number
  readonly answeredAt: number
}

/** Keeps a session for each of so many people, without the time it takes to check their passwords. @returns their cookies */
export async function signInMany(app: FastifyInstance, count: number): Promise<string[]> {
  const cookies: string[] = []
  while (cookies.length < count) {
    const names = Array.from({ length: signInsAtOnce }, (_, index) => `person-${cookies.length + index}`)
    cookies.push(...(await Promise.all(names.map((name) => signIn(app, name)))))
  }
  return cookies
}

/** Tries again where the store is late: this only prepares, on a machine that may have much else to do. */
async function signIn(app: FastifyInstance, user: string): Promise<string> {
  const { config, secrets, sessions } = app.latchkey
  const id = randomBytes(24).toString('base64url')
  try {
    await sessions.create(id, { cookie: { originalMaxAge: null }, user })
  } catch (error) {
    if (error instanceof StorageError) return signIn(app, user)
    throw error
  }
  return `${sessionCookie(config).name}=${encodeURIComponent(valuePrefix + sign(id, secrets[0] ?? ''))}`
}

/** Asks for the page over HTTP, five people at a time and each in turn, until it is told to stop. */
export function visitSteadily(page: string, cookies: readonly string[]) {
  const answers: Answer[] = []
  let isStopped = false
  let turn = 0
  const visiting = Array.from({ length: atOnce }, async () => {
    while (!isStopped) {
      answers.push(await visit(page, cookies[turn++ % cookies.length] ?? ''))
      await sleep(pauseMilliseconds)
    }
  })
  /** @returns every answer there was; rejects when one request got none */
  return async (): Promise<readonly Answer[]> => {
    isStopped = true
    await Promise.all(visiting)
    return answers
  }
}

export async function visit(page: string, cookie: string): Promise<Answer> {
  const askedAt = performance.now()
  const response = await fetch(page, { headers: { cookie }, redirect: 'manual' })
  await response.arrayBuffer()
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    setsCookie: response.headers.has('set-cookie'),
    askedAt,
    answeredAt: performance.now()
  }
}

/** How long the slowest took, in milliseconds. */
export function longest(answers: readonly Answer[]): number {
  return Math.round(Math.max(...answers.map(({ askedAt, answeredAt }) => answeredAt - askedAt)))
}
