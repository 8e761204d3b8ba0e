import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'
import { emptyDatabase } from '../servers/shared-postgres.ts'
import { commandIn, processIn, settings as settingsOf } from './command.ts'

const places: Record<string, (t: Test) => Promise<Record<string, string>>> = {
  'the embedded database': async (t) => ({ DATABASE_URL: `file:${t.testdir()}/service.db` }),
  'Redis and PostgreSQL': async (t) => {
    const [database, redis] = await Promise.all([emptyDatabase(t), startRedis(t)])
    return { DATABASE_URL: database, REDIS_URL: redis.url }
  }
}

for (const [where, settings] of Object.entries(places)) {
  t.test(`sessions can be listed and revoked beside a running service, over ${where}`, async (t) => {
    const env = {
      SESSION_SECRET: secret,
      REGISTRATION: 'open',
      SESSIONS_PER_ACCOUNT: '0',
      ...(await settings(t))
    }
    const app = await build(t, { env })
    const latchkey = commandIn(t, settingsOf(t, env))
    const laptop = await registerAlice(app, 'program')
    const phone = new Visitor(app, 'program')
    await phone.post('/login', alice, { headers: { 'user-agent': 'A phone \u009b31m' } })
    const bob = new Visitor(app, 'program')
    await bob.post('/register', { ...alice, username: 'bob' })
    const isIn = async (visitor: Visitor) => (await visitor.get('/dashboard')).statusCode === 200

    const { out } = await latchkey(['sessions', 'list', 'ALICE', '--json'])
    const listed = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    t.match(listed, [{ session: /^[0-9a-f]{32}$/, address: '127.0.0.1', startedAt: String }, {}])
    const ofPhone = listed.find(({ browser }) => browser.startsWith('A phone'))
    t.match((await latchkey(['sessions', 'list', 'alice'])).out, 'A phone \\u{9b}31m')

    t.equal(
      (await latchkey(['sessions', 'end', ofPhone.session])).out,
      `Ended the session ${ofPhone.session} of alice.\n`
    )
    t.same([await isIn(phone), await isIn(laptop)], [false, true])
    t.match(await latchkey(['sessions', 'end', ofPhone.session]), { code: 1, err: /There is no session "/ })

    await phone.post('/login', alice)
    t.equal(
      (await latchkey(['sessions', 'end', 'Alice', '--all'])).out,
      'alice is signed out everywhere: 2 sessions ended.\n'
    )
    t.same([await isIn(phone), await isIn(laptop), await isIn(bob)], [false, false, true])

    t.equal((await latchkey(['sessions', 'list', 'alice'])).out, 'alice is not signed in anywhere.\n')
    const { id: account, version: epoch } = (await app[services].accounts.find('alice'))!
    const record = { cookie: { originalMaxAge: null }, user: 'alice', account, epoch }
    const make = (from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, (_, index) =>
          app[services].sessions.create(`session ${from + index}`, record)
        )
      )
    await make(0, 30)
    const page = await latchkey(['sessions', 'list', 'alice'])
    const [, after = ''] = /\nThere are more: add --after (\S+)\n$/.exec(page.out) ?? []
    t.equal(page.out.trim().split('\n').length, 1 + 25 + 1)
    const rest = await latchkey(['sessions', 'list', 'alice', '--after', after, '--json'])
    t.equal(rest.out.trim().split('\n').length, 5)
    t.match((await latchkey(['sessions', 'list', 'alice', '--json'])).out, `\n{"next":"${after}"}\n`)
    t.match(await latchkey(['sessions', 'list', 'alice', '--after', 'x']), {
      code: 1,
      err: '"x" is not a cursor'
    })
    t.equal(
      (await latchkey(['sessions', 'end', 'alice', '--all'])).out,
      'alice is signed out everywhere: 30 sessions ended.\n'
    )
    for (const words of [
      ['list', 'alcie'],
      ['end', 'alcie', '--all']
    ])
      t.match(await latchkey(['sessions', ...words]), {
        code: 1,
        out: '',
        err: /There is no account called "alcie"/
      })

    t.match(await latchkey(['sessions', 'end', '--all']), { code: 1, err: /signs everybody out.*--yes/ })
    t.ok(await isIn(bob))
    t.match(await latchkey(['sessions', 'end']), { code: 2, err: /name a session, or add --all/ })
    const everybody = await processIn(t, settingsOf(t, env))(['sessions', 'end', '--all', '--yes', '--json'])
    t.same(JSON.parse(everybody.out), { sessionsEnded: 1 })
    t.notOk(await isIn(bob))

    t.match(await app.latchkey.audit.list(undefined, 4), [
      { event: 'sessions-end', by: { kind: 'command' } },
      { event: 'sessions-end', name: 'alice', by: { kind: 'command' } },
      { event: 'sessions-end', name: 'alice', by: { kind: 'command' } },
      { event: 'sign-in', name: 'alice' }
    ])
    await make(30, 1031)
    t.match(await latchkey(['sessions', 'end', 'alice', '--all']), {
      out: 'alice is signed out everywhere: more than 1000 sessions ended.\n',
      // Nothing where they are deleted already when the rest is done.
      err: /^$|^The ended sessions are being deleted\./
    })
    const left = await latchkey(['sessions', 'end', '--all', '--yes', '--json'])
    t.same(JSON.parse(left.out), { sessionsEnded: 0 }, 'the store has none of them')
  })
}
