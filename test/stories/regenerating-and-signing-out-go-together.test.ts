import { randomUUID } from 'node:crypto'
import express from 'express'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { signIn } from '../../src/express/index.ts'
import type { SessionOptions } from '../../src/express/session.ts'
import { LatchkeyStore } from '../../src/express/store/latchkey-store.ts'
import { services } from '../../src/open-services.ts'
import type { Sessions } from '../../src/sessions/sessions.ts'
import { build, secret } from '../build.ts'
import { Browser, makeSession, serve } from '../express/web.ts'
import { past } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'

type Data = Record<string, unknown>

/** What both libraries can do with the session of a request. */
interface Hands {
  data(): Data
  regenerate(): Promise<unknown>
  destroy(): Promise<unknown>
  save(): Promise<unknown>
  signIn(name: string): Promise<unknown>
}

const actions: Record<string, (hands: Hands, word: string) => unknown> = {
  enter: (hands, name) => hands.signIn(name),
  set: (hands, key) => Object.assign(hands.data(), { [key]: 1 }),
  regenerate: (hands) => hands.regenerate(),
  'regenerate-and-stay': async (hands) => {
    const { user } = hands.data()
    await hands.regenerate()
    Object.assign(hands.data(), { user })
  },
  'regenerate-and-copy': async (hands) => {
    // By JSON: @fastify/session has its id under symbols, which a spread copies too.
    const { cookie, ...copy } = JSON.parse(JSON.stringify(hands.data()))
    await hands.regenerate()
    Object.assign(hands.data(), copy)
  },
  'enter-by-hand': async (hands, user) => {
    await hands.regenerate()
    Object.assign(hands.data(), { user })
  },
  destroy: (hands) => hands.destroy(),
  leave: (hands) => {
    Object.assign(hands.data(), { user: null })
    return hands.save()
  },
  hand: (hands, user) =>
    Object.assign(hands.data(), { user, accountRole: 'admin', accountProofs: { password: 9e15 } })
}

/** A slow request has its session and waits here. */
function turnstile() {
  const waiting: (() => void)[] = []
  return {
    wait: () => new Promise<void>((resolve) => void waiting.push(resolve)),
    hold: async (count: number) => {
      while (waiting.length < count) await new Promise(setImmediate)
    },
    letGo: () => {
      for (const resolve of waiting.splice(0)) resolve()
    }
  }
}

interface Site {
  readonly url: string
  readonly sessions: Sessions
  readonly hold: (count: number) => Promise<void>
  readonly letGo: () => void
  readonly later: (milliseconds: number) => void
  /** Another process with the same stores. */
  beside?: Site
  /** Of an account; without one `within` is for nobody. */
  readonly register?: (name: string) => Promise<unknown>
}

/** Runs an action, once the session is loaded. */
async function act(
  hands: Hands,
  { action, word, wait }: { action: string; word: string; wait?: () => Promise<void> }
) {
  Reflect.get(hands.data(), 'user')
  await wait?.()
  await actions[action]?.(hands, word)
}

interface Params {
  readonly action: string
  readonly word: string
}

/** @param now the clock, if it is not to go by itself */
async function inFastify(t: Test, settings: Record<string, string>, now = Date.now): Promise<Site> {
  const { wait, ...turns } = turnstile()
  let ahead = 0
  const hands = (request: FastifyRequest, reply: FastifyReply): Hands => ({
    data: () => request.session as unknown as Data,
    regenerate: () => request.session.regenerate(),
    destroy: () => request.session.destroy(),
    save: () => request.session.save(),
    signIn: (name) => reply.signIn({ name, role: 'user' })
  })
  const app = await build(t, {
    env: { SESSION_SECRET: secret, ...settings },
    now: () => now() + ahead,
    routes: (app) => {
      app.post<{ Params: Params; Querystring: { slow?: string } }>(
        '/do/:action/:word',
        async (request, reply) => {
          await act(hands(request, reply), { ...request.params, ...(request.query.slow && { wait }) })
          return 'done'
        }
      )
      app.get('/see', async ({ session }) => ({ ...shownIn(session) }))
      app.get('/recent', async (request) => request.requireUser({ within: '2s' }))
    }
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    sessions: app[services].sessions,
    register: (username) => app.latchkey.accounts.add({ username, password: 'correct horse battery' }),
    ...turns,
    later: (milliseconds) => {
      ahead += milliseconds
    }
  }
}

async function inExpress(
  t: Test,
  settings: Record<string, string>,
  options: Partial<SessionOptions> = {}
): Promise<Site> {
  const { wait, ...turns } = turnstile()
  const middleware = makeSession(t, {
    settings: { DATABASE_URL: 'file::memory:', ...settings },
    secret,
    name: 'latchkey',
    ...options
  })
  const hands = (req: express.Request): Hands => ({
    data: () => req.session as unknown as Data,
    regenerate: () => settled((done) => req.session.regenerate(done)),
    destroy: () => settled((done) => req.session.destroy(done)),
    save: () => settled((done) => req.session.save(done)),
    signIn: (name) => signIn(req, name)
  })
  const app = express().use(middleware)
  app.post('/do/:action/:word', async (req, res) => {
    await act(hands(req), { ...req.params, ...(req.query.slow !== undefined && { wait }) })
    res.send('done')
  })
  app.get('/see', (req, res) => void res.json(shownIn(req.session)))
  const { store } = middleware
  if (!(store instanceof LatchkeyStore)) throw new Error('another store')
  return { url: await serve(t, app), sessions: await store.sessions, ...turns, later: () => {} }
}

function settled(step: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => step((error) => (error ? reject(error) : resolve())))
}

/** With what is not enumerable. */
function shownIn(session: object): Data {
  const { user, startedAt, accountRole, accountProofs, ...data } = session as Data
  return { ...data, cookie: undefined, user, startedAt, accountRole, accountProofs }
}

const navigation = { 'sec-fetch-mode': 'navigate', accept: 'text/html' }

class Person {
  readonly browser: Browser

  constructor(browser: Browser) {
    this.browser = browser
  }

  get token(): string {
    return this.browser.jar.get('latchkey') ?? ''
  }

  get publicHalf(): string {
    return decodeURIComponent(this.token).slice(2).split('.')[0] ?? ''
  }

  do(action: string, word = '-') {
    return this.browser.submit(`/do/${action}/${word}`)
  }

  slowly(action: string, word = '-') {
    return this.browser.submit(`/do/${action}/${word}?slow=1`)
  }

  async see(): Promise<Data> {
    return JSON.parse((await this.browser.get('/see', navigation)).body)
  }

  /** Another one with the same cookie. */
  twin(url?: string): Person {
    return new Person(this.browser.copy(url))
  }
}

type Story = (t: Test, site: Site, person: Person) => Promise<void>

const stories: Record<string, Story> = {
  'a session that regenerates stays signed in, and its former cookie opens nothing': async (
    t,
    _site,
    alice
  ) => {
    await alice.do('enter', 'alice')
    const former = alice.twin()
    await alice.do('regenerate-and-stay')
    t.not(alice.token, former.token)
    t.equal(alice.publicHalf, former.publicHalf, 'one session')
    t.match(await alice.see(), { user: 'alice' })
    t.equal((await former.see()).user, undefined)
  },
  'of several late requests with the former cookie none sets or clears one': async (t, _site, alice) => {
    await alice.do('enter', 'alice')
    const former = alice.twin()
    await alice.do('regenerate-and-stay')
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => former.browser.get('/see', navigation)))
    t.same(
      answers.flatMap(({ cookies }) => cookies),
      []
    )
    t.match(await alice.see(), { user: 'alice' })
  },
  'what a request with the former cookie writes is stored nowhere': async (t, site, alice) => {
    await alice.do('enter', 'alice')
    const former = alice.twin()
    await alice.do('regenerate-and-stay')
    t.same((await former.do('set', 'cart')).cookies, [])
    t.equal((await site.sessions.listByUser('name:alice')).sessions.length, 1)
    t.equal((await alice.see()).cart, undefined)
  },
  'signing out with the former cookie ends the session': async (t, _site, alice) => {
    await alice.do('enter', 'alice')
    const former = alice.twin()
    await alice.do('regenerate-and-stay')
    await former.do('destroy')
    t.equal((await alice.see()).user, undefined)
  },
  'a regenerate with the former cookie does not': async (t, _site, alice) => {
    await alice.do('enter', 'alice')
    const former = alice.twin()
    await alice.do('regenerate-and-stay')
    await former.do('regenerate')
    t.match(await alice.see(), { user: 'alice' })
  },
  'somebody with the former cookie can sign in': async (t, _site, alice) => {
    await alice.do('enter', 'alice')
    const former = alice.twin()
    await alice.do('regenerate-and-stay')
    await former.do('enter-by-hand', 'alice')
    t.match(await former.see(), { user: 'alice' })
    t.not(former.publicHalf, alice.publicHalf)
  },
  'of two regenerates at once the cookie that is used first survives': async (t, site, alice) => {
    await alice.do('enter', 'alice')
    const [one, other] = [alice.twin(), alice.twin()]
    const running = [one.slowly('regenerate-and-stay'), other.slowly('regenerate-and-stay')]
    await site.hold(2)
    site.letGo()
    await Promise.all(running)
    t.match(await one.see(), { user: 'alice' })
    t.equal((await other.see()).user, undefined)
    t.match(await one.see(), { user: 'alice' })
  },
  'once the new cookie was used no former request adds one': async (t, site, alice) => {
    await alice.do('enter', 'alice')
    const late = alice.twin()
    const running = late.slowly('regenerate-and-stay')
    await site.hold(1)
    await alice.do('regenerate-and-stay')
    t.match(await alice.see(), { user: 'alice' })
    site.letGo()
    t.same((await running).cookies, [], 'that would replace the one of the session')
    t.equal((await late.see()).user, undefined)
    t.match(await alice.see(), { user: 'alice' })
  },
  'a regenerate without the user signs out': async (t, site, alice) => {
    await alice.do('enter', 'alice')
    const former = alice.twin()
    await alice.do('regenerate')
    for (const person of [alice, former]) t.equal((await person.see()).user, undefined)
    t.same((await site.sessions.listByUser('name:alice')).sessions, [])
  },
  'a visitor who signs in gets an id that nobody had before': async (t, site, mallory) => {
    await mallory.do('set', 'cart')
    const victim = mallory.twin()
    const running = [mallory.twin().slowly('set', 'late'), mallory.twin().slowly('regenerate-and-stay')]
    await site.hold(2)
    await victim.do('enter-by-hand', 'victim')
    t.not(victim.publicHalf, mallory.publicHalf)
    site.letGo()
    await Promise.all(running)
    t.match(await victim.see(), { user: 'victim', late: undefined, cart: undefined })
    t.equal((await mallory.see()).user, undefined)
  },
  'a sign-in without a regenerate keeps out what a slow request of before writes': async (
    t,
    site,
    visitor
  ) => {
    await visitor.do('set', 'cart')
    const running = visitor.twin().slowly('set', 'late')
    await site.hold(1)
    await visitor.do('hand', 'alice')
    site.letGo()
    await running
    t.match(await visitor.see(), { user: 'alice', cart: 1, late: undefined })
  },
  'what a slow request of before writes is not in the regenerated session': async (t, site, alice) => {
    await alice.do('enter', 'alice')
    await alice.do('set', 'cart')
    const running = alice.twin().slowly('set', 'late')
    await site.hold(1)
    await alice.do('regenerate-and-stay')
    site.letGo()
    await running
    t.match(await alice.see(), { user: 'alice', cart: undefined, late: undefined })
  },
  'user = null and save() is a sign-out, also by a slow request': async (t, site, alice) => {
    await alice.do('enter', 'alice')
    const running = alice.twin().slowly('leave')
    await site.hold(1)
    await alice.do('regenerate-and-stay')
    site.letGo()
    await running
    t.notOk((await alice.see()).user)
    t.same((await site.sessions.listByUser('name:alice')).sessions, [])
  },
  'a session that is handed over brings neither role nor proof along': async (t, _site, alice) => {
    await alice.do('enter', 'alice')
    const before = await alice.see()
    t.type(Object(before.accountProofs).password, 'number')
    await alice.do('hand', 'bob')
    const after = await alice.see()
    t.match(after, { user: 'bob', accountRole: undefined, accountProofs: undefined })
    t.ok(Number(after.startedAt) >= Number(before.startedAt))
  },
  'start and proof travel along, whether or not the session is copied': async (t, _site, alice) => {
    await alice.do('enter', 'alice')
    const { startedAt, accountProofs } = await alice.see()
    for (const way of ['regenerate-and-stay', 'regenerate-and-copy']) {
      await alice.do(way)
      t.match(await alice.see(), { user: 'alice', startedAt, accountProofs }, way)
    }
  },
  'an app that says who is signed in proves nothing': async (t, _site, alice) => {
    await alice.do('enter-by-hand', 'alice')
    t.match(await alice.see(), { user: 'alice', accountProofs: undefined })
    await alice.do('regenerate-and-copy')
    t.match(await alice.see(), { user: 'alice', accountProofs: undefined })
  },
  'after a sign-in no request with the cookie of before clears or replaces it, in any process': async (
    t,
    site,
    alice
  ) => {
    const { browser } = alice
    await alice.do('set', 'cart')
    for (const way of [
      'enter',
      'enter-by-hand',
      'enter',
      'enter after its end',
      'enter-by-hand after its end'
    ]) {
      const [action = '', isOver] = way.split(' ')
      if (isOver) await endAll(site)
      const late = [site, site.beside ?? site].map(({ url }) => alice.twin(url))
      await alice.do(action, 'alice')
      for (const former of late.toReversed()) {
        t.same((await former.browser.get('/see', navigation)).cookies, [], way)
        t.same((await former.do('set', 'late')).cookies, [], way)
        t.equal((await former.see()).user, undefined, way)
      }
      t.match(await new Person(browser).see(), { user: 'alice', late: undefined }, way)
    }
  }
}

/**
 * A request that begins within two milliseconds counts as one that began before, and later ones too where the process is
 * interrupted between looking at two clocks, as on a busy machine.
 */
async function endAll({ sessions }: Site): Promise<void> {
  await sessions.revokeAllOf({ id: 'name:alice', name: 'alice' })
  await past(Date.now() + 50)
}

// Fastify has no fast path, and is the same without it.
const libraries = { ...(!process.env.WITHOUT_FAST_PATH && { Fastify: inFastify }), Express: inExpress }

for (const [library, open] of Object.entries(libraries)) {
  for (const store of ['the embedded database', 'Redis']) {
    t.test(`${library}, over ${store}`, async (t) => {
      const redis = store === 'Redis' ? { REDIS_URL: (await startRedis(t, '--appendonly', 'no')).url } : {}
      const settings = { DATABASE_URL: `file:${t.testdir()}/latchkey.db`, ...redis }
      const site = await open(t, settings)
      site.beside = await open(t, settings)
      for (const [title, story] of Object.entries(stories)) {
        await endAll(site)
        await t.test(title, (t) => story(t, site, new Person(new Browser(site.url))))
      }
    })
  }
}

/** Such an id has no public half, and of two regenerates at once the first one wins. */
const onlyOfOurIds = [
  'a session that regenerates stays signed in, and its former cookie opens nothing',
  'of two regenerates at once the cookie that is used first survives'
]

t.test('Express, with ids that the application makes', async (t) => {
  const site = await inExpress(t, {}, { genid: () => `app-${randomUUID()}` })
  for (const [title, story] of Object.entries(stories)) {
    if (onlyOfOurIds.includes(title)) continue
    await endAll(site)
    await t.test(title, (t) => story(t, site, new Person(new Browser(site.url))))
  }
})

const aboutFormerCookies = [
  'of several late requests with the former cookie none sets or clears one',
  'what a request with the former cookie writes is stored nowhere',
  'somebody with the former cookie can sign in',
  'after a sign-in no request with the cookie of before clears or replaces it, in any process'
]

t.test('Express, with `strict: false`', async (t) => {
  const site = await inExpress(t, {}, { strict: false, saveUninitialized: true })
  for (const title of aboutFormerCookies) {
    await endAll(site)
    await t.test(title, (t) => stories[title]?.(t, site, new Person(new Browser(site.url))))
  }
})

t.test('a regenerate is no proof, and does not begin the lifetime anew', async (t) => {
  const began = Date.now()
  const { url, later, register } = await inFastify(t, {}, () => began)
  await register?.('alice')
  const alice = new Person(new Browser(url))
  await alice.do('enter', 'alice')
  const recent = async () => (await alice.browser.get('/recent', { accept: 'application/json' })).status
  t.equal(await recent(), 200)
  for (const way of ['regenerate-and-stay', 'regenerate-and-copy']) {
    later(3000)
    await alice.do(way)
    t.equal(await recent(), 401, way)
  }
  const halfAnHour = 29 * 60_000
  for (let time = 0; time < 12 * 60 * 60_000; time += halfAnHour) {
    later(halfAnHour)
    await alice.do('regenerate-and-stay')
  }
  t.equal((await alice.see()).user, undefined, 'after the absolute lifetime it is over')
})
