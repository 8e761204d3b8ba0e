import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { AuditEventName } from '../audit/audit-event.ts'
import { timed } from './timed.ts'

/** Password hashes that run and wait. */
export interface HashQueue {
  readonly running: number
  readonly waiting: number
}

/** Mail that waits to be sent. */
export interface MailQueue {
  /** How many messages, and when the oldest was posted, in milliseconds since 1970. */
  readonly waiting: () => Promise<{ readonly queued: number; readonly oldest: number | undefined }>
  /** Whether none can be sent, as this process knows. */
  readonly isDown: () => boolean
}

/** Which sessions were ended: one, all others of a user, all of a user, everybody's. */
export type EndReach = 'one' | 'others' | 'all' | 'everybody'

const signInOutcomes = {
  'sign-in': 'ok',
  'sign-in-refused': 'refused',
  'sign-in-throttled': 'throttled'
} as const
const storeBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
const stallBuckets = [0.25, 0.5, 1, 2.5, 5, 10]
const waitBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Metrics for Prometheus. Names and labels are stable; no label contains user input. */
export class Metrics {
  readonly #registry = new Registry()
  readonly contentType: string = this.#registry.contentType
  readonly #signIns = this.#counter('sign_ins_total', 'Sign-ins by outcome: ok, refused, throttled.', [
    'outcome'
  ])
  readonly #events = this.#counter(
    'events_total',
    'Events of accounts and sessions, as in the audit trail.',
    ['event']
  )
  readonly #started = this.#counter(
    'sessions_started_total',
    'Sessions started by signing in or re-authenticating.',
    []
  )
  readonly #ended = this.#counter(
    'sessions_ended_total',
    'Sessions ended early, by reach: one, others, all, everybody. events_total has the reasons.',
    ['reach']
  )
  readonly #gate = this.#counter(
    'gate_answers_total',
    'Answers of the gate: allow, prove, sign-in, deny, token-refused, throttled.',
    ['outcome']
  )
  readonly #stores = this.#histogram(
    'store_seconds',
    'Duration of operations of the session store and the accounts database.',
    ['store', 'operation', 'outcome'],
    storeBuckets
  )
  readonly #passwords = this.#histogram(
    'password_seconds',
    'Duration of hashing or verifying a password, including the wait.',
    ['operation', 'outcome'],
    waitBuckets
  )
  readonly #stalls = this.#histogram(
    'stall_seconds',
    'Duration of each stall of the event loop. Operations that were slow meanwhile are not the fault of a store.',
    [],
    stallBuckets
  )
  readonly #requests = this.#histogram(
    'request_seconds',
    'Duration of requests, from the first byte to the last.',
    ['method', 'route', 'status'],
    waitBuckets
  )
  readonly #mails = this.#counter(
    'mails_total',
    'Mails that this process sent, or that failed for good: sent, failed.',
    ['outcome']
  )
  #hasProcess = false

  constructor() {
    for (const outcome of Object.values(signInOutcomes)) this.#signIns.inc({ outcome }, 0)
    this.#started.inc(0)
  }

  event(event: AuditEventName): void {
    this.#events.inc({ event })
    if (event in signInOutcomes)
      this.#signIns.inc({ outcome: signInOutcomes[event as keyof typeof signInOutcomes] })
  }

  sessionStarted(): void {
    this.#started.inc()
  }

  sessionsEnded(reach: EndReach, count: number): void {
    this.#ended.inc({ reach }, count)
  }

  gateAnswer(outcome: string): void {
    this.#gate.inc({ outcome })
  }

  mail(outcome: 'sent' | 'failed'): void {
    this.#mails.inc({ outcome })
  }

  /** The queue is read when metrics are collected; nothing is told of one that cannot be read. */
  ofMail({ waiting, isDown }: MailQueue, now: () => number): void {
    for (const outcome of ['sent', 'failed']) this.#mails.inc({ outcome }, 0)
    this.#gauge(
      'mails_waiting',
      'Mails that wait to be sent, in the database that processes share.',
      async () => {
        return (await waiting()).queued
      }
    )
    this.#gauge('mail_oldest_seconds', 'For how long the oldest of them has been waiting.', async () => {
      const { oldest = now() } = await waiting()
      return (now() - oldest) / 1000
    })
    this.#gauge('mail_down', '1 while this process cannot send any mail.', () => Number(isDown()))
  }

  stall(seconds: number): void {
    this.#stalls.observe(seconds)
  }

  /** Wraps a store so that each call is timed. */
  ofStore<T extends object>(store: string, target: T): T {
    return timed(target, this.#stores, { store })
  }

  /** Wraps the password hashing so that each call is timed; the queue is read when metrics are collected. */
  ofPasswords<T extends object & { readonly queue: HashQueue }>(target: T): T {
    this.#gauge('passwords_running', 'Passwords being hashed or verified.', () => target.queue.running)
    this.#gauge(
      'passwords_waiting',
      'Passwords waiting to be hashed or verified.',
      () => target.queue.waiting
    )
    return timed(target, this.#passwords)
  }

  /** @param route the pattern, not the requested address */
  request(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status }, seconds)
  }

  /** In Prometheus's text format. Process metrics are collected from the first call on. */
  async text(): Promise<string> {
    if (!this.#hasProcess) collectDefaultMetrics({ register: this.#registry })
    this.#hasProcess = true
    return this.#registry.metrics()
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name: `latchkey_${name}`, help, labelNames, registers: [this.#registry] })
  }

  #histogram<L extends string>(name: string, help: string, labelNames: L[], buckets: number[]): Histogram<L> {
    return new Histogram({ name: `latchkey_${name}`, help, labelNames, buckets, registers: [this.#registry] })
  }

  #gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name: `latchkey_${name}`,
      help,
      registers: [this.#registry],
      async collect() {
        try {
          this.set(await read())
        } catch {
          this.remove()
        }
      }
    })
  }
}
