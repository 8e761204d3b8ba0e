import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sign } from '@fastify/cookie'
import type { FastifyInstance } from 'fastify'
import { services } from '../src/open-services.ts'
import { sessionCookie, valuePrefix } from '../src/sessions/cookie/session-cookie.ts'
import { eventually } from './servers/eventually.ts'

const atOnce = 5
/** A pause leaves CPU time for other work. */
const pauseMilliseconds = 20
const signInsAtOnce = 100

export interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly setsCookie: boolean
}

/** A response with its number at the time of the request, to relate it to other events. */
export interface SteadyAnswer extends Answer {
  readonly askedAt: number
}

/** Stores a session for each of so many users, without verifying passwords. @returns their cookies */
export async function signInMany(app: FastifyInstance, count: number): Promise<string[]> {
  const cookies: string[] = []
  while (cookies.length < count) {
    const many = Math.min(signInsAtOnce, count - cookies.length)
    const names = Array.from({ length: many }, (_, index) => `person-${cookies.length + index}`)
    cookies.push(...(await Promise.all(names.map((name) => signIn(app, name)))))
  }
  return cookies
}

async function signIn(app: FastifyInstance, user: string): Promise<string> {
  const { config, secrets, sessions } = app[services]
  const id = randomBytes(24).toString('base64url')
  await sessions.create(id, { cookie: { originalMaxAge: null }, user })
  return `${sessionCookie(config).name}=${encodeURIComponent(valuePrefix + sign(id, secrets[0] ?? ''))}`
}

/** Requests a page over HTTP, five at a time and with each cookie in turn, until stopped. */
export function visitSteadily(page: string, cookies: readonly string[]) {
  return askSteadily((turn) => visit(page, cookies[turn % cookies.length] ?? ''))
}

/** Sends requests, five at a time, until stopped. @param ask sends the request of this number */
export function askSteadily(ask: (turn: number) => Promise<Answer>) {
  const answers: SteadyAnswer[] = []
  let isStopped = false
  let turn = 0
  const visiting = Array.from({ length: atOnce }, async () => {
    while (!isStopped) {
      const askedAt = answers.length
      answers.push({ ...(await ask(turn++)), askedAt })
      await sleep(pauseMilliseconds)
    }
  })
  return {
    /** All responses so far, in the order of arrival. */
    answers: answers as readonly SteadyAnswer[],
    /** Waits for so many more. */
    more: async (count: number) => {
      const goal = answers.length + count
      await eventually(`${count} more answers`, () => answers.length >= goal)
    },
    /** Rejects if a request got no response. */
    stop: async () => {
      isStopped = true
      await Promise.all(visiting)
    }
  }
}

export async function visit(page: string, cookie: string, method = 'GET'): Promise<Answer> {
  const response = await fetch(page, { method, headers: { cookie }, redirect: 'manual' })
  await response.arrayBuffer()
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    setsCookie: response.headers.has('set-cookie')
  }
}

/** A 503 with Retry-After that leaves the cookie alone. */
export function isHonest({ status, retryAfter, setsCookie }: Answer): boolean {
  return status === 503 && Number(retryAfter) > 0 && !setsCookie
}
