import t from 'tap'
import { signedInCookies } from '../../../src/testing.ts'
import { accountOf, alice, build } from '../../build.ts'
import { ApiClient } from './api-client.ts'

t.test('administrators make groups and say who is in them', async (t) => {
  let time = Date.now()
  const app = await build(t, { now: () => time })
  await app.latchkey.accounts.add(alice, 'admin')
  await app.latchkey.accounts.add({ ...alice, username: 'Bøb' })
  const [admin, user, nobody] = [new ApiClient(t, app), new ApiClient(t, app), new ApiClient(t, app)]
  admin.visitor.cookies = await signedInCookies(app, 'alice', { factors: 2 })
  await user.post('/api/session', { ...alice, username: 'Bøb' })
  const bob = `/api/accounts/${encodeURIComponent('bØB')}/groups`
  const code = (answer: { json(): { code: string } }) => answer.json().code

  t.same((await admin.get('/api/groups')).json(), { groups: [] })
  t.same((await admin.put('/api/groups/Family')).json(), { group: 'Family' })
  await admin.put('/api/groups/staff')
  t.equal(code(await admin.put('/api/groups/FAMILY')), 'LATCHKEY_NAME_TAKEN')
  t.equal(code(await admin.put('/api/groups/%20')), 'LATCHKEY_BAD_INPUT')
  t.same((await admin.put(`${bob}/family`)).json(), { name: 'Bøb', groupNames: ['Family'] })
  await admin.put('/api/accounts/alice/groups/family')
  t.equal((await admin.put(`${bob}/family`)).statusCode, 200)
  t.match((await admin.get('/api/groups')).json(), {
    groups: [
      { group: 'Family', members: 2, groupCreatedAt: String },
      { group: 'staff', members: 0 }
    ]
  })
  const first = (await admin.get('/api/groups/family/members?limit=1')).json()
  t.same(first, { names: ['alice'], next: 'alice' })
  t.same((await admin.get(`/api/groups/family/members?limit=5&after=${first.next}`)).json(), {
    names: ['Bøb'],
    next: null
  })
  t.same((await admin.get(bob)).json().groupNames, ['Family'])
  t.same((await admin.delete(`${bob}/FAMILY`)).json(), { name: 'Bøb', groupNames: [] })
  t.equal((await admin.delete('/api/groups/staff')).statusCode, 204)

  const events = await app.latchkey.audit.list((await accountOf(app, 'Bøb')).id, 3)
  t.match(events, [
    { event: 'group-leave', name: 'Bøb', detail: 'Family', by: { name: 'alice' } },
    { event: 'group-join', detail: 'Family', by: { name: 'alice' } },
    { event: 'sign-in' }
  ])
  const all = await app.latchkey.audit.list(undefined, 20)
  t.match(all[0], { event: 'group-remove', name: undefined, detail: 'staff', by: { name: 'alice' } })

  for (const url of ['/api/groups/nothing/members'])
    t.equal(code(await admin.get(url)), 'LATCHKEY_NO_SUCH_GROUP')
  t.equal(code(await admin.delete('/api/groups/nothing')), 'LATCHKEY_NO_SUCH_GROUP')
  t.equal(code(await admin.put(`${bob}/nothing`)), 'LATCHKEY_NO_SUCH_GROUP')
  t.equal(code(await admin.get('/api/accounts/nobody/groups')), 'LATCHKEY_NO_SUCH_ACCOUNT')
  t.equal(code(await admin.put('/api/accounts/nobody/groups/family')), 'LATCHKEY_NO_SUCH_ACCOUNT')
  for (const [client, refusal] of [
    [user, 'LATCHKEY_ROLE_REQUIRED'],
    [nobody, 'LATCHKEY_SIGN_IN_REQUIRED']
  ] as const) {
    for (const url of ['/api/groups', '/api/groups/family/members', bob])
      t.equal(code(await client.get(url)), refusal, url)
    for (const url of ['/api/groups/family', `${bob}/family`]) {
      t.equal(code(await client.put(url)), refusal, url)
      t.equal(code(await client.delete(url)), refusal, url)
    }
  }
  time += 11 * 60_000
  for (const url of ['/api/groups/family', `${bob}/family`]) {
    t.equal(code(await admin.put(url)), 'LATCHKEY_SECOND_FACTOR_NOT_SET_UP')
    t.equal(code(await admin.delete(url)), 'LATCHKEY_SECOND_FACTOR_NOT_SET_UP')
  }
  t.equal((await admin.get(bob)).statusCode, 200)
})
