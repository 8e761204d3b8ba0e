import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clubhouse } from './app.ts'

test('a member signs in at the clubhouse’s own page', async (t) => {
  const app = await clubhouse({ databaseUrl: 'file::memory:' })
  t.after(() => app.close())
  await app.latchkey.accounts.add({ username: 'alice', password: 'correct horse battery' })
  const signIn = (password: string) =>
    app.inject({ method: 'POST', url: '/login', payload: { username: 'alice', password } })

  assert.equal((await signIn('a guess')).statusCode, 401)
  const { statusCode, cookies } = await signIn('correct horse battery')
  assert.equal(statusCode, 303)
  const [{ name = '', value = '' } = {}] = cookies
  const { body } = await app.inject({ url: '/', cookies: { [name]: value } })
  assert.deepEqual(JSON.parse(body), { hello: 'alice' })
})
