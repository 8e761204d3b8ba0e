import Fastify from 'fastify'
import t from 'tap'
import { newAccountId } from '../../src/identity/account-id.ts'
import latchkey from '../../src/index.ts'
import { schemaController } from '../../src/server/schema-compilers.ts'
import { patientSettings } from '../servers/patience.ts'

const { STORAGE_PATIENCE: storagePatience } = patientSettings
const claimed = {
  account: newAccountId(),
  accountRole: 'admin',
  accountProofs: { password: Date.now() },
  startedAt: 1
}

const app = Fastify({ pluginTimeout: 0, schemaController })
t.teardown(() => app.close())
await app.register(latchkey, { databaseUrl: 'file::memory:', storagePatience })

app.post('/name/:user', async (request) => {
  const { user } = request.params as { user: string }
  request.session.user = user
  return request.requireUser()
})

/** What an app does that copies a body into the session. */
app.post('/copy', async (request) => {
  Object.assign(request.session, request.body)
  const asked = [{}, { role: 'admin' }, { within: '10m' }, { account: true }] as const
  const answers = await Promise.allSettled(asked.map((options) => request.requireUser(options)))
  return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason.code))
})

async function signedInAs(user: string): Promise<string> {
  const { headers } = await app.inject({ method: 'POST', url: `/name/${user}` })
  return String(headers['set-cookie']).split(';')[0] ?? ''
}

const refused = ['LATCHKEY_ROLE_REQUIRED', 'LATCHKEY_SIGN_IN_REQUIRED', 'LATCHKEY_SIGN_IN_REQUIRED']

t.test('what an application copies into a session proves nothing, in the same request either', async (t) => {
  const cookie = await signedInAs('alice')
  const { headers } = { headers: { cookie } }
  const answer = await app.inject({ method: 'POST', url: '/copy', headers, payload: claimed })
  t.same(answer.json(), [{ id: 'name:alice', name: 'alice', role: 'user' }, ...refused])
})

t.test('nor in the session of somebody who has just come', async (t) => {
  const payload = { ...claimed, user: 'bob' }
  const answer = await app.inject({ method: 'POST', url: '/copy', payload })
  t.same(answer.json(), [{ id: 'name:bob', name: 'bob', role: 'user' }, ...refused])
})
