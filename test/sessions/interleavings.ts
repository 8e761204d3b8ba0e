import fc, { type Scheduler } from 'fast-check'
import { CallbackStore } from '../../src/sessions/object/callback-store.ts'
import type { CachingStore } from '../../src/sessions/parsed-session.ts'
import type { SessionRecord } from '../../src/sessions/session-record.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { Sessions } from '../../src/sessions/sessions.ts'
import { readConfig } from '../../src/settings/config.ts'
import { steadyNow } from '../servers/true-clock.ts'

const { lifetimes } = readConfig({})
const cookie = { originalMaxAge: null }
const minute = 60_000

/** A request of a client, and the session it uses. */
const step = fc.record({
  does: fc.oneof(
    { weight: 3, arbitrary: fc.constant('set') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('create', 'load', 'touch', 'regenerate', 'unset', 'revoke', 'end-all')
    }
  ),
  which: fc.nat({ max: 5 }),
  key: fc.nat({ max: 2 })
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Mostly reads of the same few sessions, so that each changes what the other has cached. */
const rereading = fc.record({
  does: fc.constantFrom('load', 'load', 'load', 'set', 'touch', 'revoke', 'end-all'),
  which: fc.nat({ max: 1 }),
  key: fc.nat({ max: 2 })
})

/** The empty store as each of the two processes sees it. */
export type OpenStores = () => Promise<readonly [SessionStore, SessionStore]>

/** What each process puts between itself and the store. */
export type OpenCaches = (stores: readonly SessionStore[], scheduler: Scheduler) => readonly CachingStore[]

/**
 * Two clients, each in its own process, run their steps concurrently; fast-check chooses the order in which
 * their calls reach the store and are answered. Each changes keys of its own, so the expected content of a
 * session does not depend on the order.
 */
export function everyInterleavingIsRight(openStores: OpenStores, openCaches?: OpenCaches) {
  const steps = fc.array(openCaches ? rereading : step, { minLength: 1, maxLength: 6 })
  return fc.asyncProperty(fc.scheduler(), steps, steps, async (scheduler, ofOne, ofTwo) => {
    const stores = await openStores()
    const model = new Model()
    const inTurns = stores.map((store) => takingTurns(store, scheduler))
    const clients = (openCaches?.(inTurns, scheduler) ?? inTurns).map(
      (store, index) => new Client(index === 0 ? 'one' : 'two', store, model)
    )
    await scheduler.waitFor(Promise.all(clients.map((client) => client.create())))
    const all = [ofOne, ofTwo].map((steps, index) => clients[index]?.run(steps))
    await scheduler.waitFor(Promise.all(all))
    await model.compare(new Sessions({ store: stores[0], lifetimes, ids: 'hashed', now: steadyNow }))
  })
}

/**
 * The expected sessions for any order: which exist with which values, and which have ended. Where only the
 * order decides (one starts while all are ended, two end the same one), it expects nothing.
 */
class Model {
  readonly alive = new Map<string, Record<string, unknown>>()
  /** Ids that open nothing any more. */
  readonly ended = new Set<string>()
  /** Sessions that have ended, under each of their ids. */
  readonly over = new Set<string>()
  readonly #busy = new Map<string, Set<Work>>()
  readonly unset = new Set<string>()
  endings = 0

  /** Ends the sessions with these ids, under whatever id they are known. */
  end(ids: Iterable<string>) {
    for (const id of ids) {
      this.over.add(sessionOf(id))
      this.retire(this.#idsOf(id))
    }
  }

  retire(ids: Iterable<string>) {
    for (const id of ids) if (this.alive.delete(id)) this.ended.add(id)
  }

  /** Nothing more is expected of a session. */
  forget(id: string) {
    for (const each of this.#idsOf(id)) this.alive.delete(each)
  }

  #idsOf(id: string): string[] {
    return [...this.alive.keys()].filter((each) => sessionOf(each) === sessionOf(id))
  }

  /** Something that ends or regenerates the session. */
  begin(id: string): Work {
    const busy = this.#busy.get(sessionOf(id)) ?? new Set()
    this.#busy.set(sessionOf(id), busy)
    const work = { isAlone: busy.size === 0, done: () => busy.delete(work) }
    for (const other of busy) other.isAlone = false
    busy.add(work)
    return work
  }

  /** A read finds everything that was set before it began, or newer values: values increase. */
  mustBeIn(session: SessionRecord, id: string, set: Record<string, unknown>) {
    for (const [key, value] of Object.entries(set)) {
      const found = session[key] ?? (this.unset.has(`${id} ${key}`) ? value : undefined)
      if (Number(found) >= Number(value)) continue
      throw new Error(`${id} was read with ${key} ${found} when it was ${value}`)
    }
  }

  async compare(sessions: Sessions) {
    for (const id of this.ended) if (await sessions.load(id)) throw new Error(`${id} is back`)
    for (const [id, values] of this.alive) {
      const { cookie, user, startedAt, epoch, gen, secret, formerSecret, ...stored } =
        (await sessions.load(id)) ?? ({} as SessionRecord)
      const [is, should] = [stored, values].map((each) => JSON.stringify(Object.entries(each).sort()))
      if (user !== 'alice' || is !== should) throw new Error(`${id} holds ${is} and should hold ${should}`)
    }
  }
}

interface Work {
  isAlone: boolean
  readonly done: () => void
}

/** The public half, which all ids of a session have in common. */
function sessionOf(id: string): string {
  return id.split('.')[0] ?? ''
}

/** One process whose requests use sessions as @fastify/session does. */
class Client {
  readonly #name: string
  readonly #store: CallbackStore
  readonly #sessions: Sessions
  readonly #model: Model
  #now = steadyNow()
  #count = 0

  constructor(name: string, store: SessionStore, model: Model) {
    this.#name = name
    this.#sessions = new Sessions({ store, lifetimes, ids: 'hashed', now: () => this.#now })
    this.#store = new CallbackStore({ sessions: this.#sessions })
    this.#model = model
  }

  async run(steps: readonly Step[]) {
    for (const step of steps) await this.#take(step)
  }

  async create() {
    const { endings } = this.#model
    const id = this.#store.regenerations.newId()
    const session = { cookie, user: 'alice' }
    this.#store.begin(session, id)
    await this.#set(id, session)
    if (this.#model.endings === endings) this.#model.alive.set(id, {})
  }

  async #take(step: Step) {
    if (step.does === 'create') return this.create()
    if (step.does === 'end-all') return this.#endAll()
    const known = [...this.#model.alive.keys(), ...this.#model.ended]
    const id = known[step.which % known.length] ?? ''
    if (step.does === 'regenerate') return this.#regenerate(id)
    if (step.does === 'revoke') return this.#end(id)
    if (step.does === 'touch') this.#now += 2 * minute
    const session = await this.#get(id)
    if (session && ['set', 'unset'].includes(step.does)) await this.#change(id, session, step)
  }

  async #change(id: string, session: SessionRecord, { does, key }: Step) {
    const name = `${this.#name}-${key}`
    const value = ++this.#count
    if (does === 'set') session[name] = value
    else {
      this.#model.unset.add(`${id} ${name}`)
      delete session[name]
    }
    await this.#set(id, session)
    const values = this.#model.alive.get(id)
    if (values && does === 'set') values[name] = value
    else if (values) delete values[name]
  }

  async #end(id: string) {
    const work = this.#model.begin(id)
    await new Promise((done) => this.#store.destroy(id, done))
    this.#model.end([id])
    work.done()
  }

  async #endAll() {
    const before = [...this.#model.alive.keys()]
    this.#model.endings += 1
    await this.#sessions.revokeAllOf({ id: 'name:alice', name: 'alice' })
    this.#model.endings += 1
    this.#model.end(before)
    this.#model.alive.clear()
  }

  /**
   * As @fastify/session's `regenerate(['user'])`: destroys the session, then sets the data it kept under a
   * new id.
   */
  async #regenerate(id: string) {
    const before = await this.#get(id)
    if (!before) return
    const { endings, ended, over } = this.#model
    const work = this.#model.begin(id)
    const [wasOver, wasSuperseded] = [over.has(sessionOf(id)), ended.has(id)]
    const { promise, resolve } = Promise.withResolvers<void>()
    const next = this.#store.regenerations.follow(Object.assign(before, { sessionId: id }), () => {
      const next = this.#store.regenerations.newId()
      this.#store.destroy(id, () =>
        this.#store.set(next, { cookie, user: 'alice' } as object, () => resolve())
      )
      return next
    })
    await promise
    this.#model.retire([id])
    if (wasOver) ended.add(next)
    else if (wasSuperseded) this.#model.forget(id)
    else if (work.isAlone && this.#model.endings === endings) this.#model.alive.set(next, {})
    else this.#model.forget(id)
    work.done()
  }

  async #get(id: string): Promise<SessionRecord | null | undefined> {
    const wasEnded = this.#model.ended.has(id)
    const set = { ...this.#model.alive.get(id) }
    const session = await new Promise<SessionRecord | null | undefined>((resolve, reject) =>
      this.#store.get(id, (error, session) => (error ? reject(error) : resolve(session)))
    )
    if (session && wasEnded) throw new Error(`${id} was loaded after its end`)
    if (session) this.#model.mustBeIn(session, id, set)
    return session
  }

  #set(id: string, session: object): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#store.set(id, session, (error) => (error ? reject(error) : resolve()))
    )
  }
}

/** The same store, but calls and answers wait for the scheduler. */
function takingTurns(store: SessionStore, scheduler: Scheduler): SessionStore {
  return new Proxy(store, {
    get(store, method) {
      const step = Reflect.get(store, method)
      if (typeof step !== 'function') return step
      return async (...words: unknown[]): Promise<unknown> => {
        await scheduler.schedule(Promise.resolve(), String(method))
        return scheduler.schedule(
          Promise.resolve(Reflect.apply(step, store, words)),
          `${String(method)} is answered`
        )
      }
    }
  })
}
