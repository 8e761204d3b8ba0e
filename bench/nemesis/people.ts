import { setTimeout as sleep } from 'node:timers/promises'
import { SessionKeys } from '../../src/sessions/session-keys.ts'
import type { Client, Question } from './client.ts'
import { type Call, isDone, isRefused } from './history.ts'
import type { Random } from './random.ts'
import type { ServiceProcess } from './service-process.ts'

const keys = new SessionKeys('hashed')
/** How many sessions a person has at once, about. */
const wanted = 6
const remembered = 400
const pauseMilliseconds = 300
/** Cookies that a fault may concern: those of the last seconds. */
const latest = 40

/** By how often. Sessions have to live for seconds, so that a snapshot has some that are ended after it. */
const habits = {
  look: 10,
  'sign-in': 6,
  enter: 1.5,
  confirm: 2,
  regenerate: 3,
  save: 2,
  hold: 0.7,
  'sign-out': 1,
  'end-one': 0.8,
  'end-others': 0.25,
  'end-all': 0.25,
  'change-password': 0.4,
  remove: 0.05,
  race: 1.5,
  'wrong password': 0.3
}

export interface PersonOptions {
  readonly name: string
  readonly client: Client
  readonly processes: readonly ServiceProcess[]
  readonly random: Random
}

/**
 * Somebody with an account and several browsers, who does at random what one can do, and goes on presenting every cookie
 * that there ever was.
 */
export class Person {
  readonly name: string
  /** Every cookie, the latest last. */
  readonly everyCookie: string[] = []
  readonly #client: Client
  readonly #processes: readonly ServiceProcess[]
  readonly #random: Random
  /** The cookies of browsers that are signed in, as far as they know. */
  #present: string[] = []
  #isRegistered = false
  #password: string
  /** The public halves of cookies by which an Express app knows the name alone. */
  readonly #entered = new Set<string>()
  /** Passwords that may be the account's, since a change was not answered. */
  #perhaps: string[] = []
  #passwords = 0
  #isChanging = false
  /** After a refusal that a person waits for, in milliseconds. */
  #pause = 0

  constructor({ name, client, processes, random }: PersonOptions) {
    this.name = name
    this.#client = client
    this.#processes = processes
    this.#random = random
    this.#password = this.#newPassword()
  }

  async live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#act()
      await sleep(this.#random.between(0, 60) + this.#pause)
      this.#pause = 0
    }
  }

  /** Presents a cookie that this person has had, at each process. */
  async presentEverywhere(cookie: string): Promise<void> {
    await Promise.all(this.#processes.map((process) => this.look(cookie, process)))
  }

  /** Presents the latest cookies, one after the other. */
  async presentLatest(): Promise<void> {
    for (const cookie of this.everyCookie.slice(-latest)) await this.look(cookie)
  }

  look(cookie: string, process = this.#random.pick(this.#processes)): Promise<Call> {
    const ofService = this.#isOfName(cookie) ? ['/gate'] : ['/gate', '/gate', '/account']
    const path = process.kind === 'service' ? this.#random.pick(ofService) : '/who'
    return this.#ask(process, { what: 'look', method: 'GET', path, cookie })
  }

  async #act(): Promise<void> {
    if (!this.#isRegistered) return this.#register()
    const habit = this.#random.weighed(habits)
    if (this.#present.length === 0 || (habit === 'sign-in' && this.#present.length < wanted))
      return this.#signIn()
    const cookie = this.#random.pick(this.#present)
    if (habit === 'enter') return this.#enter()
    if (habit === 'hold') return this.#hold(cookie)
    if (habit === 'race') return this.#race(cookie)
    if (habit === 'look' || habit === 'sign-in') {
      await Promise.all([this.look(cookie), this.look(this.#anyCookie())])
      return
    }
    if (habit === 'wrong password') return void (await this.#tryPassword(`wrong ${this.#newPassword()}`))
    if (habit === 'change-password') return this.#changePassword(cookie)
    if (habit === 'remove') return this.#remove(cookie)
    await this.#do(habit, cookie)
  }

  /** Things that may come in each other's way, at once. */
  async #race(cookie: string): Promise<void> {
    const all = ['confirm', 'regenerate', 'regenerate', 'save', 'sign-out', 'end-one'] as const
    const [one = 'save', other = 'save'] = this.#random.shuffled(all)
    const another = this.#random.pick([...this.#present, cookie])
    const races: readonly (() => readonly Promise<unknown>[])[] = [
      () => [this.#do(one, cookie), this.#do(other, cookie)],
      () => [this.#do(one, cookie), this.#do(other, cookie)],
      () => [this.#changePassword(cookie), this.#signIn(), this.#signIn()],
      () => [this.#do('end-all', cookie), this.#do('sign-out', another)],
      // By somebody whose other session is about to end.
      () => [this.#do('end-all', cookie), this.#later(() => this.#do('confirm', another))],
      () => [this.#changePassword(cookie), this.#do('confirm', another)],
      () => [this.#do('sign-out', cookie), this.presentEverywhere(cookie)],
      () => [this.presentEverywhere(cookie), this.#later(() => this.#do('sign-out', cookie))]
    ]
    // What it changes nobody has cached.
    if (this.#random.chance(0.4)) await this.#do('save', cookie)
    await Promise.all(this.#random.pick(races)())
  }

  /** As long as an answer takes over a slow link. */
  async #later(step: () => Promise<unknown>): Promise<void> {
    await sleep(this.#random.between(0, 250))
    await step()
  }

  async #do(what: SimpleWhat, cookie: string): Promise<void> {
    const target = what === 'end-one' ? this.#random.pick([...this.#present, cookie]) : undefined
    const asked = simple(what, { random: this.#random, password: this.#password, target })
    if (this.#isOfName(cookie) && !ofApps.has(what)) return
    const process = this.#anyOf(...(whereTo[what] ?? ['service']))
    const call = await this.#ask(process, { what, cookie, target, ...asked })
    if (call.given !== undefined && isDone(call)) this.#replace(cookie, call.given)
    if (call.status === 401) this.#drop(cookie)
    if (!isDone(call)) return
    if (what === 'sign-out') this.#drop(cookie)
    if (what === 'end-one' && target !== undefined) this.#drop(target)
    if (what === 'end-others') this.#present = this.#present.filter((each) => each === cookie)
    if (what === 'end-all') this.#present = []
  }

  async #register(): Promise<void> {
    await this.#alone(async () => {
      const password = this.#newPassword()
      const body = { username: this.name, password }
      const call = await this.#ask(this.#anyOf('service'), {
        ...{ what: 'register', method: 'POST', path: '/register', body, password }
      })
      // Taken: an earlier attempt was not answered, or the removal was not done.
      if (isDone(call)) this.#settle(password)
      else if (!isRefused(call)) this.#perhaps.push(password)
      this.#isRegistered = isDone(call) || call.status === 409
    })
  }

  async #signIn(): Promise<void> {
    const call = await this.#tryPassword(this.#random.pick([this.#password, ...this.#perhaps]))
    if (call.code === 'LATCHKEY_WRONG_CREDENTIALS' && !this.#isChanging)
      this.#isRegistered = this.#random.chance(0.7)
  }

  async #tryPassword(password: string): Promise<Call> {
    const body = { username: this.name, password }
    const call = await this.#ask(this.#anyOf('service'), {
      ...{ what: 'sign-in', method: 'POST', path: '/api/session', body, password }
    })
    if (isDone(call)) this.#password = password
    return call
  }

  async #enter(): Promise<void> {
    if (this.#present.length >= wanted || !this.#processes.some(({ kind }) => kind === 'express')) return
    const asked = { what: 'enter', method: 'POST', path: '/enter', body: { name: this.name } } as const
    await this.#ask(this.#anyOf('express'), asked)
  }

  /** Nobody waits for the answer. */
  async #hold(cookie: string): Promise<void> {
    this.#ask(this.#anyOf('host'), { what: 'hold', method: 'GET', path: '/hold', cookie })
  }

  #isOfName(cookie: string): boolean {
    return this.#entered.has(publicHalfOf(cookie))
  }

  async #changePassword(cookie: string): Promise<void> {
    if (this.#isOfName(cookie)) return
    await this.#alone(async () => {
      const [password, newPassword] = [this.#password, this.#newPassword()]
      const call = await this.#ask(this.#anyOf('service'), {
        ...{ what: 'change-password', method: 'PUT', path: '/api/password', cookie, password, newPassword },
        body: { current: password, password: newPassword }
      })
      if (isDone(call)) {
        this.#settle(newPassword)
        this.#present = [call.given ?? cookie]
      } else if (!isRefused(call)) this.#perhaps.push(newPassword)
    })
  }

  /** The name is registered again by and by. */
  async #remove(cookie: string): Promise<void> {
    if (this.#isOfName(cookie)) return
    await this.#alone(async () => {
      const call = await this.#ask(this.#anyOf('service'), {
        ...{ what: 'remove', method: 'POST', path: '/account/remove', cookie, body: {} }
      })
      if (isRefused(call)) return
      this.#isRegistered = false
      this.#present = []
    })
  }

  /** Changes of one account one after the other, so that it is known what the password may be. */
  async #alone(change: () => Promise<void>): Promise<void> {
    if (this.#isChanging) return
    this.#isChanging = true
    await change().finally(() => {
      this.#isChanging = false
    })
  }

  async #ask(process: ServiceProcess, question: Omit<Question, 'person' | 'from'>): Promise<Call> {
    const from = `10.${this.#random.between(0, 255)}.${this.#random.between(0, 255)}.7`
    const call = await this.#client.ask(process, { ...question, person: this.name, from })
    if ([0, 429, 503].includes(call.status)) this.#pause = pauseMilliseconds
    if (call.given !== undefined && !this.everyCookie.includes(call.given)) this.#keep(call)
    return call
  }

  #keep({ given = '', what, status }: Call): void {
    this.everyCookie.push(given)
    if (this.everyCookie.length > remembered)
      this.everyCookie.splice(this.#random.between(0, remembered / 2), 1)
    if (what === 'enter') this.#entered.add(publicHalfOf(given))
    if (['sign-in', 'enter', 'register'].includes(what) && status < 300) this.#present.push(given)
  }

  #anyOf(...kinds: readonly ServiceProcess['kind'][]): ServiceProcess {
    return this.#random.pick(this.#processes.filter(({ kind }) => kinds.includes(kind)))
  }

  #anyCookie(): string {
    return this.#random.pick(this.#random.chance(0.5) ? this.everyCookie : this.everyCookie.slice(-latest))
  }

  #settle(password: string): void {
    this.#password = password
    this.#perhaps = []
  }

  #replace(cookie: string, given: string): void {
    this.#present = [...this.#present.filter((each) => each !== cookie && each !== given), given]
  }

  #drop(cookie: string): void {
    this.#present = this.#present.filter((each) => each !== cookie)
  }

  #newPassword(): string {
    this.#passwords += 1
    return `${this.name} chose number ${this.#passwords} of many`
  }
}

/** What apps can do, and with sessions that know a name alone. */
const whereTo: Partial<Record<SimpleWhat, readonly ServiceProcess['kind'][]>> = {
  regenerate: ['host', 'express'],
  save: ['host', 'express'],
  'sign-out': ['service', 'express']
}
const ofApps = new Set<SimpleWhat>(['regenerate', 'save', 'sign-out'])

type SimpleWhat = 'confirm' | 'regenerate' | 'save' | 'sign-out' | 'end-one' | 'end-others' | 'end-all'

interface Details {
  readonly random: Random
  readonly password: string
  readonly target: string | undefined
}

function simple(
  what: SimpleWhat,
  { random, password, target = '' }: Details
): Omit<Question, 'what' | 'person' | 'from'> {
  const slowly = () => `?before=${random.between(0, 80)}&after=${random.between(0, 80)}`
  switch (what) {
    case 'confirm':
      return { method: 'POST', path: '/confirm', body: { password }, password }
    case 'regenerate':
      return { method: 'POST', path: `/regenerate${slowly()}` }
    case 'save':
      return { method: 'POST', path: `/save${slowly()}` }
    case 'sign-out':
      return { method: 'DELETE', path: '/api/session' }
    case 'end-one':
      return { method: 'DELETE', path: `/api/sessions/${keys.handleOf(keys.of(idIn(target)).key)}` }
    case 'end-others':
      return { method: 'DELETE', path: '/api/sessions/others' }
    case 'end-all':
      return { method: 'DELETE', path: '/api/sessions' }
  }
}

/** It stays when a session is regenerated. */
function publicHalfOf(cookie: string): string {
  return idIn(cookie).split('.')[0] ?? ''
}

/** The session id in a signed cookie. */
function idIn(cookie: string): string {
  const signed = decodeURIComponent(cookie).slice('s:'.length)
  return signed.slice(0, signed.lastIndexOf('.'))
}
