import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Accounts } from '../../src/accounts/accounts.ts'
import type { Factors } from '../../src/factors/factors.ts'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, secret, Visitor } from '../build.ts'
import { somePasskey } from '../factors/examples.ts'
import { startRedis } from '../servers/redis.ts'

const changes: Record<string, (accounts: Accounts, factors: Factors) => Promise<unknown>> = {
  'the password is changed': (accounts) =>
    accounts.changePassword({ ...alice, password: 'a wholly different phrase' }),
  'the role is changed': (accounts) => accounts.setRole('alice', 'admin'),
  'the first second factor is added (case 6)': async (accounts, factors) => {
    const account = await accounts.find('alice')
    return account && factors.addPasskey(account, { ...somePasskey, id: randomUUID() })
  },
  'the account is disabled': (accounts) => accounts.disable('alice'),
  'the account is removed': (accounts) => accounts.remove('alice', { force: true })
}

/** Routes that wait between verifying the password and the sign-in. */
function slowRoutes(app: FastifyInstance, meanwhile: () => Promise<unknown>) {
  app.post('/slow-login', async (_request, reply) => {
    const attempt = await app[services].accounts.verify(alice)
    await meanwhile()
    if (attempt.ok) await reply.signIn(attempt.account)
    return attempt
  })
  app.post('/slow-confirm', async (request, reply) => {
    await request.requireUser()
    const proof = await app[services].accounts.verify(alice)
    await meanwhile()
    if (proof.ok) await reply.renewSession(proof.account)
    return proof
  })
}

/** Not through /register, which limits accounts in a row. */
async function signedIn(app: FastifyInstance): Promise<Visitor> {
  const visitor = new Visitor(app, 'program')
  await app.latchkey.accounts.add(alice)
  await visitor.post('/login', alice)
  return visitor
}

async function sessionsOf(app: FastifyInstance, id: string) {
  const { sessions } = await app.latchkey.sessions.listByUser(id)
  return sessions
}

for (const where of ['the embedded database', 'Redis']) {
  t.test(`over ${where}`, async (t) => {
    const redis = where === 'Redis' ? { REDIS_URL: (await startRedis(t)).url } : {}
    let meanwhile: () => Promise<unknown> = async () => {}
    const env = { SESSION_SECRET: secret, REGISTRATION: 'open', ...redis }
    const app = await build(t, { env, routes: (app) => slowRoutes(app, () => meanwhile()) })
    const { accounts, factors, sessions } = app[services]

    for (const [what, change] of Object.entries(changes)) {
      for (const url of ['/slow-login', '/slow-confirm']) {
        t.test(`if ${what} during ${url} nobody is signed in`, async (t) => {
          await accounts.remove('alice', { force: true })
          meanwhile = () => change(accounts, factors)
          const laptop = await signedIn(app)
          const { id } = await accountOf(app)
          const answer = await laptop.post(url)
          t.match(answer.json(), { status: 401, code: 'LATCHKEY_SIGN_IN_UNDONE' })
          t.equal((await laptop.get('/dashboard')).statusCode, 401)
          t.same(await sessionsOf(app, id), [])
        })
      }
    }

    t.test('a user who signs out everywhere during /slow-confirm stays signed out', async (t) => {
      await accounts.remove('alice', { force: true })
      meanwhile = async () => sessions.revokeAllOf(await accountOf(app))
      const laptop = await signedIn(app)
      t.match((await laptop.post('/slow-confirm')).json(), { code: 'LATCHKEY_SIGN_IN_UNDONE' })
      t.same(await sessionsOf(app, (await accountOf(app)).id), [])
    })

    t.test('a browser gets a message, and an earlier user stays signed in', async (t) => {
      await accounts.remove('alice', { force: true })
      const bob = new Visitor(app, 'browser')
      await bob.submit('/register', { ...alice, username: 'bob' })
      await accounts.add(alice)
      meanwhile = () => accounts.disable('alice')
      t.match((await bob.submit('/slow-login')).body, 'Sign in again.')
      t.match((await bob.get('/dashboard')).body, 'bob')
    })

    t.test('without a change both succeed', async (t) => {
      await accounts.remove('alice', { force: true })
      meanwhile = async () => {}
      const laptop = await signedIn(app)
      t.equal((await laptop.post('/slow-login')).statusCode, 200)
      t.equal((await laptop.post('/slow-confirm')).statusCode, 200)
      t.equal((await laptop.get('/dashboard')).statusCode, 200)
      t.equal((await sessionsOf(app, (await accountOf(app)).id)).length, 1)
    })
  })
}
