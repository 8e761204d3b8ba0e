import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import t from 'tap'
import { services } from '../../src/open-services.ts'
import { signedInCookies } from '../../src/testing.ts'
import { alice, build, registerAlice, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { steadyNow } from '../servers/true-clock.ts'
import { cookieHeader } from '../web-socket.ts'

const minute = 60_000

/** A route that runs a step in a request whose answer has begun, or has not. */
function opening(hasBegun: boolean, step: (request: FastifyRequest) => unknown) {
  return (app: FastifyInstance) => {
    app.get('/open', async (request, reply) => {
      if (!hasBegun) return { answer: await step(request) }
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'application/json' })
      reply.raw.end(JSON.stringify({ answer: await step(request) }))
    })
  }
}

const codeOf = (request: FastifyRequest) =>
  request.requireUser().then(
    ({ name }) => name,
    ({ code }) => code
  )

/** Ends the session of a request as another request would. */
async function signOutElsewhere({ server, headers }: FastifyRequest): Promise<void> {
  const { cookie = '' } = headers
  await server.inject({ method: 'POST', url: '/logout', headers: { cookie } })
}

for (const SESSION_CACHE of ['100', '0']) {
  t.test(
    `with ${SESSION_CACHE} cached sessions, requireUser looks again once the answer has begun`,
    async (t) => {
      let ahead = 0
      const endOf = async (app: FastifyInstance, { sentCookie }: FastifyRequest) =>
        (await app[services].sessions.look(sentCookie?.token.key ?? ''))?.endsAt
      const app = await build(t, {
        env: { SESSION_CACHE },
        now: () => steadyNow() + ahead,
        routes: opening(true, async (request) => {
          const before = await endOf(app, request)
          ahead += 10 * minute
          const names = [await codeOf(request), await codeOf(request)]
          const after = await endOf(app, request)
          await signOutElsewhere(request)
          return [...names, before === after, await codeOf(request), request.signedIn.aborted]
        })
      })
      const { cookies } = await registerAlice(app)
      const program = Object.assign(new Visitor(app, 'program'), { cookies })
      const { answer } = (await program.get('/open')).json()
      t.same(
        answer,
        ['alice', 'alice', true, 'LATCHKEY_SIGN_IN_REQUIRED', false],
        'and does not use the session'
      )
    }
  )
}

t.test('requireUser looks again after a second, and asks nothing before', async (t) => {
  const app = await build(t, {
    routes: (app) => {
      app.get('/short', async (request) => {
        for (let n = 0; n < 3; n += 1) await request.requireUser()
        return (await request.requireUser()).name
      })
      opening(false, async (request) => {
        await signOutElsewhere(request)
        const first = await codeOf(request)
        return [
          first,
          await eventually('another answer', async () => {
            const code = await codeOf(request)
            return code !== 'alice' && code
          })
        ]
      })(app)
    }
  })
  const { sessions } = app[services]
  let looks = 0
  const look = sessions.look.bind(sessions)
  sessions.look = (key) => {
    looks += 1
    return look(key)
  }
  const visitor = Object.assign(new Visitor(app, 'program'), { cookies: await signedInCookies(app, 'alice') })
  await eventually('a visit so short that nothing is looked up', async () => {
    looks = 0
    t.equal((await visitor.get('/short')).body, 'alice')
    return looks === 0
  })
  const { answer } = (await visitor.get('/open')).json()
  t.equal(answer.at(-1), 'LATCHKEY_SIGN_IN_REQUIRED')
})

t.test('whom a request itself signs in is signed in, however long it takes', async (t) => {
  const app = await build(t, {
    routes: opening(true, async (request) => {
      Object.assign(request.session, { user: 'alice' })
      return codeOf(request)
    })
  })
  const visitor = Object.assign(new Visitor(app, 'program'), {
    cookies: await signedInCookies(app, 'bob', { session: {} })
  })
  t.same((await visitor.get('/open')).json(), { answer: 'alice' })
})

t.test('who regenerates a session after its end is nobody, then and later', async (t) => {
  const app = await build(t, {
    routes: opening(true, async (request) => {
      const { session } = request
      await codeOf(request)
      await signOutElsewhere(request)
      await session.regenerate(['user'])
      return [session === request.session, await codeOf(request), request.signedIn.aborted]
    })
  })
  const { cookies } = await registerAlice(app)
  const { answer } = (await Object.assign(new Visitor(app, 'program'), { cookies }).get('/open')).json()
  t.same(answer, [false, 'LATCHKEY_SIGN_IN_REQUIRED', true])
})

t.test('for nobody, and for a visitor, the signal is aborted from the start', async (t) => {
  const app = await build(t, {
    routes: opening(false, (request) => {
      const { signedIn } = request
      return [signedIn.aborted, request.signedIn === signedIn, signedIn.reason.code]
    })
  })
  const expected = { answer: [true, true, 'LATCHKEY_SIGN_IN_REQUIRED'] }
  t.same((await new Visitor(app, 'program').get('/open')).json(), expected)
  const { sessions } = app[services]
  const cookies = await signedInCookies(app, 'alice')
  await sessions.revokeAllOf((await app.latchkey.accounts.find('alice')) as never)
  t.same((await Object.assign(new Visitor(app, 'program'), { cookies }).get('/open')).json(), expected)
  t.equal(sessions.signals.size, 0)
})

t.test('a new password and a re-authentication leave the connection of this session open', async (t) => {
  const { promise: signal, resolve } = Promise.withResolvers<AbortSignal>()
  const app = await build(t, {
    routes: opening(true, async (request) => {
      const { signedIn } = request
      resolve(signedIn)
      await eventually('the end', () => signedIn.aborted)
      return signedIn.reason.code
    })
  })
  const visitor = await registerAlice(app, 'program')
  const held = Object.assign(new Visitor(app, 'program'), { cookies: { ...visitor.cookies } }).get('/open')
  const signedIn = await signal
  const settled = async () => {
    for (let turns = 0; turns < 10; turns += 1) await turn()
  }
  t.equal((await visitor.post('/confirm', { password: alice.password })).statusCode, 200)
  await settled()
  t.notOk(signedIn.aborted, 'a re-authentication')
  const change = { current: alice.password, password: 'another horse battery' }
  t.equal((await visitor.put('/api/password', change)).statusCode, 200)
  await settled()
  t.notOk(signedIn.aborted, 'a new password')
  await visitor.post('/logout')
  t.same((await held).json(), { answer: 'LATCHKEY_SESSION_ENDED' })
})

t.test('a response that is complete gives up its signal, while the connection goes on', async (t) => {
  const app = await build(t, { routes: opening(false, ({ signedIn }) => signedIn.aborted) })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const cookie = cookieHeader(await signedInCookies(app, 'alice'))
  for (let n = 0; n < 3; n += 1)
    t.same(await (await fetch(`${url}/open`, { headers: { cookie } })).json(), { answer: false })
  await eventually('nothing', () => app[services].sessions.signals.size === 0)
})
