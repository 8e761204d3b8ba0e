import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { accountOf, build, registerAlice, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'

type Session = FastifyRequest['session']

/** What the application does with the session after somebody has signed out meanwhile. */
const late: Record<string, (session: Session) => unknown> = {
  'only reads': ({ user }) => user,
  writes: (session) => Reflect.set(session, 'colour', 'blue'),
  'writes and saves': async (session) => {
    Reflect.set(session, 'colour', 'blue')
    await session.save()
  },
  touches: (session) => session.touch(),
  'regenerates and takes the person over': (session) => session.regenerate(['user', 'remember']),
  'reloads and writes': async (session) => {
    await session.reload()
    Reflect.set(session, 'user', 'alice')
    await session.save()
  },
  'destroys and saves': async (session) => {
    await session.destroy()
    await session.save()
  }
}

for (const where of ['the embedded database', 'Redis', 'Redis, asked by every request']) {
  t.test(`over ${where}`, async (t) => {
    const env = {
      DATABASE_URL: `file:${t.testdir({})}/latchkey.db`,
      REGISTRATION: 'open',
      SESSION_SECRET: secret,
      SESSION_CACHE: where === 'Redis, asked by every request' ? '0' : '10000',
      ...(where.startsWith('Redis') && { REDIS_URL: (await startRedis(t)).url })
    }
    let started = 0
    let signedOut = Promise.withResolvers<void>()
    const app = await build(t, {
      env,
      routes: (app) =>
        app.post<{ Params: { what: string } }>('/late/:what', async (request) => {
          const { session } = request
          Reflect.set(session, `seen${started}`, true)
          started += 1
          await signedOut.promise
          await late[request.params.what]?.(session)
          // Some replace the session of the request.
          if (request.session) Reflect.set(request.session, 'late', true)
          return {}
        })
    })
    const another = await build(t, { env })
    await registerAlice(app)

    /** Ends a session while requests use it. @returns the cookies afterwards */
    async function signOutAmid(kinds: readonly string[], through = app) {
      const program = new Visitor(app, 'program')
      await program.post('/login', { username: 'alice', password: 'correct horse battery' })
      const { ...cookies } = program.cookies
      started = 0
      signedOut = Promise.withResolvers()
      const running = kinds.map((kind) =>
        app.inject({ method: 'POST', url: `/late/${encodeURIComponent(kind)}`, cookies })
      )
      while (started < kinds.length) await new Promise(setImmediate)
      await through.inject({ method: 'POST', url: '/logout', cookies })
      signedOut.resolve()
      const answers = await Promise.all(running)
      return [cookies, ...answers.map(({ cookies }) => ({ latchkey: cookies[0]?.value ?? '' }))]
    }

    const open = async (cookies: Record<string, string>) =>
      (await app.inject({ url: '/dashboard', headers: { accept: 'application/json' }, cookies })).statusCode

    for (const kind of Object.keys(late)) {
      t.test(`a request that ${kind}`, async (t) => {
        for (const cookies of await signOutAmid([kind])) t.equal(await open(cookies), 401)
      })
    }

    t.test('fifty of all kinds, while another service on the same storage ends the session', async (t) => {
      const kinds = Object.keys(late)
      const fifty = Array.from({ length: 50 }, (_, index) => kinds[index % kinds.length] ?? '')
      const [cookies = {}, ...handedOut] = await signOutAmid(fifty, another)
      for (let attempt = 0; attempt < 50; attempt += 1) t.equal(await open(cookies), 401)
      for (const cookies of handedOut) t.equal(await open(cookies), 401)
      t.same(
        await app.latchkey.sessions
          .listByUser((await accountOf(app)).id)
          .then(({ sessions }) => sessions.length),
        1,
        'only the first one'
      )
    })
  })
}
