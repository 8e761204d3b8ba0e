import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signedInCookies } from 'latchkey/testing'
import { notebook } from './app.ts'

test('only signed-in users see notes', async (t) => {
  const app = await notebook({ databaseUrl: 'file::memory:' })
  t.after(() => app.close())
  assert.equal((await app.inject('/notes')).statusCode, 401)

  const cookies = await signedInCookies(app, 'alice')
  await app.inject({ method: 'POST', url: '/notes', cookies, payload: { note: 'milk' } })
  const { body } = await app.inject({ url: '/notes', cookies })
  assert.deepEqual(JSON.parse(body), { notesOf: 'alice', notes: ['milk'] })
})

test('the sign-out page is the notebook’s own view', async (t) => {
  const app = await notebook({ databaseUrl: 'file::memory:' })
  t.after(() => app.close())
  const { body } = await app.inject({ url: '/logout', headers: { accept: 'text/html' } })
  assert.match(body, /Close the notebook/)
})
