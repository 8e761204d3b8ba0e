import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import t from 'tap'
import latchkey from '../../src/index.ts'
import { alice, Visitor } from '../build.ts'
import { Authenticator } from '../factors/passkeys/authenticator.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/passkeys.md'), 'utf8')
const [, sample = ''] = /## For apps\n.*?```ts\n(.*?)```/s.exec(guide) ?? []
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor
const signInAsTheGuideSays: (request: FastifyRequest, reply: FastifyReply) => Promise<void> =
  new AsyncFunction('request', 'reply', sample)

t.test('a sign-in page of an app takes passkeys as docs/passkeys.md says', async (t) => {
  const app = Fastify({ pluginTimeout: 0 })
  t.teardown(() => app.close())
  await app.register(latchkey, { databaseUrl: 'file::memory:' })
  app.post('/own', async (request, reply) => {
    await signInAsTheGuideSays(request, reply)
    return request.requireUser({ factors: 1 })
  })
  app.get('/two', (request) => request.requireUser({ factors: 'phishing-resistant', within: '10m' }))
  await app.ready()
  await app.latchkey.accounts.add(alice)

  const owner = new Visitor(app, 'program')
  await owner.post('/login', alice)
  const authenticator = new Authenticator()
  const { passkey } = (await owner.get('/account/security/passkeys')).json()
  await owner.post('/account/security/passkeys', { credential: authenticator.create(passkey) })

  const use = async (program: Visitor, changes = {}) => {
    const { passkey } = (await program.get('/login/passkey')).json()
    return program.post('/own', { credential: authenticator.use(passkey, undefined, changes) })
  }
  const program = new Visitor(app, 'program')
  t.match((await use(program)).json(), { name: 'alice' })
  t.equal((await program.get('/two')).statusCode, 200, 'two factors, one of them a passkey')

  const stranger = new Visitor(app, 'program')
  t.match((await use(stranger, { signature: 'AAAA' })).json(), { code: 'LATCHKEY_PASSKEY_REFUSED' })
  authenticator.options = { ...authenticator.options, verifies: false }
  t.match((await use(stranger)).json(), { code: 'LATCHKEY_PASSKEY_UNVERIFIED' }, 'ask for the password first')
  t.same(stranger.cookies, {})
})
