// group: many-servers
import pg from 'pg'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { signedInCookies } from '../../src/testing.ts'
import { alice, build, secret, Visitor } from '../build.ts'
import { commandIn, processIn, settings } from '../cli/command.ts'
import { eventually } from '../servers/eventually.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'

const postgres = await startPostgres(t)
const redis = await startRedis(t)
const changed = 'a wholly different phrase'

type Setting = Awaited<ReturnType<typeof set>>['well']
interface Person {
  readonly name: string
  readonly laptop: Visitor
  readonly phone: Visitor
}
type Said = 'done' | 'not done' | 'unknown'

/** What changes an account, by which way; the text of the answer says what became of it. */
const changes: Record<string, (at: Setting, person: Person) => Promise<Said>> = {
  'a password by its page': async (_at, { laptop }) =>
    saidIn(await laptop.submit('/account/password', { current: alice.password, password: changed })),
  'a password by the API': async (_at, { laptop }) =>
    saidIn(await laptop.put('/api/password', { current: alice.password, password: changed })),
  'a password by the command': ({ command }, { name }) => command(['passwd', name], changed),
  'a role by the command': ({ command }, { name }) => command(['grant', name]),
  'an account disabled by the API': async ({ admin }, { name }) =>
    saidIn(await admin.post(`/api/accounts/${name}/disable`)),
  'an account disabled by the command': ({ command }, { name }) => command(['disable', name]),
  'an account removed by its page': async (_at, { laptop }) => saidIn(await laptop.submit('/account/remove')),
  'an account removed by the command': ({ command }, { name }) => command(['remove', name, '--yes'])
}

/** Runs changes, and freezes PostgreSQL by signal. Resolves when all is answered and it runs again. */
const moments: Record<string, (at: Setting, run: () => Promise<Said[]>) => Promise<Said[]>> = {
  'before the change': async (_at, run) => {
    await postgres.pause()
    return run().finally(postgres.resume)
  },
  'while the change is written': async ({ db }, run) => {
    const blocker = await db.connect()
    await blocker.query('BEGIN')
    const table = "'endings'::regclass::integer"
    await blocker.query(`SELECT pg_advisory_xact_lock(hashtext('latchkey endings'), ${table})`)
    const answers = await runUntil(run, async () => (await waitingFor(db, 'advisory')) > 0)
    return frozenUntil(answers, async () => {
      await blocker.query('COMMIT')
      blocker.release()
    })
  },
  'after the commit, before its answer': async ({ db }, run) => {
    // What ends sessions waits at its commit for a server that there is not; other writes do not.
    await db.query(waitAtCommit)
    await synchronous(db, 'nobody')
    const answers = await runUntil(run, async () => (await waitingFor(db, 'SyncRep')) > 0)
    return frozenUntil(answers, () => synchronous(db, ''))
  }
}

interface Running {
  readonly answers: Promise<Said[]>
}

/** Runs changes until they stand there. On a busy machine they may be given up before: then again, if nothing was done. */
async function runUntil(run: () => Promise<Said[]>, isThere: () => Promise<boolean>): Promise<Running> {
  for (;;) {
    let isOver = false
    const answers = run().finally(() => (isOver = true))
    await eventually('changes that are written', async () => isOver || (await isThere()))
    if (!isOver || (await answers).some((said) => said !== 'not done')) return { answers }
  }
}

async function frozenUntil({ answers }: Running, release: () => Promise<unknown>): Promise<Said[]> {
  await postgres.pause()
  const said = await answers.finally(postgres.resume)
  await release()
  return said
}

for (const [moment, freeze] of Object.entries(moments)) {
  t.test(`PostgreSQL that is frozen ${moment}`, async (t) => {
    const at = await set(t, moment)
    const people: Awaited<ReturnType<typeof settle>>[] = []
    for (const [n, way] of Object.keys(changes).entries()) people.push(await settle(at, `user${n}`, way))
    const run = (some: typeof people) => () =>
      Promise.all(some.map(({ way, person }) => changes[way]?.(at, person) ?? 'done'))
    // The next one is written only after the one before.
    const groups = moment.startsWith('before') ? [people] : people.map((one) => [one])
    for (const group of groups) {
      const said = await freeze(at, run(group))
      await eventually('a server that has nothing to do', async () => (await busy(at.db)) === 0)
      for (const [place, { way, person, before }] of group.entries()) {
        const isDone = (await versionOf(at, person)) !== before
        const answer = said[place]
        if (answer !== 'unknown')
          t.equal(answer, isDone ? 'done' : 'not done', `${way}: the answer is honest`)
        if (isDone) await over(person)
        else t.equal(await codeOf(person.phone), 200, `${way}: nothing was done`)
        if (moment.startsWith('after')) t.ok(isDone, `${way}: committed`)

        // On a busy machine a store may take longer than is waited for.
        await eventually(`${way}, done again`, async () => {
          await changes[way]?.(at.well, person)
          return (await versionOf(at, person)) !== before
        })
        await over(person)
      }
    }
  })
}

t.test('PostgreSQL that is frozen when Redis has lost something lets nobody in', async (t) => {
  const at = await set(t, 'then')
  const keysOf = async (pattern: string) => [await redis.ask('KEYS', pattern)].flat().map(String)
  const others = await keysOf('4:*')
  const { person } = await settle(at, 'ada', '')
  const texts = await Promise.all(
    (await keysOf('4:*'))
      .filter((key) => !others.includes(key))
      .map(async (key) => [key, String(await redis.ask('GET', key))] as const)
  )
  await eventually('the end', async () => (await person.laptop.delete('/api/session')).statusCode !== 503)
  const mark = await eventually('a mark', async () => (await keysOf('4-mark:*'))[0])
  await postgres.pause()
  await redis.ask('DEL', mark)
  for (const [key, text] of texts) await redis.ask('SET', key, text, 'EX', 36_000)
  const answers = await Promise.all(
    [person.laptop, person.phone].map((visitor) => visitor.get('/api/session'))
  ).finally(postgres.resume)
  t.same(
    answers.map(({ statusCode }) => statusCode),
    // What it ended itself this process remembers.
    [401, 503]
  )
  t.same([await codeOf(person.laptop), await codeOf(person.phone)], [401, 200])
})

async function set(t: Test, name: string) {
  const url = await postgres.newDatabase()
  const stores = { DATABASE_URL: url, REDIS_URL: redis.url, REDIS_PREFIX: `${name.length}:` }
  const env = { ...stores, SESSION_SECRET: secret, STORAGE_PATIENCE: '2s' }
  const app = await build(t, { env })
  const db = new pg.Pool({ connectionString: url })
  t.teardown(() => db.end())
  await add(app, 'root', 'admin')
  const admin = new Visitor(app, 'program')
  admin.cookies = await eventually('a session', () => signedInCookies(app, 'root', { factors: 2 }))
  const own = settings(t, env)
  const frozen = { app, db, admin, command: saidBy(processIn(t, own)) }
  // A process for each command is needed only where it may end in the middle of one.
  return { ...frozen, well: { ...frozen, command: saidBy(commandIn(t, own)) } }
}

function saidBy(latchkey: ReturnType<typeof commandIn>) {
  return async (words: string[], input = ''): Promise<Said> => {
    const { code, err } = await latchkey(['users', ...words], input)
    return code === 0 ? 'done' : /may have been made/.test(err) ? 'unknown' : 'not done'
  }
}

async function settle(at: Setting, name: string, way: string) {
  await add(at.app, name)
  const person = { name, laptop: await signedIn(at.app, name), phone: await signedIn(at.app, name) }
  return { way, person, before: await versionOf(at, person) }
}

/** On a busy machine a store may take longer than is waited for. Whatever is answered, the account is there then. */
async function add(app: Setting['app'], username: string, role?: 'admin'): Promise<void> {
  await eventually('an account', () => app[services].accounts.add({ ...alice, username }, role))
}

async function signedIn(app: Setting['app'], username: string): Promise<Visitor> {
  const visitor = new Visitor(app, 'program')
  const signIn = () => visitor.post('/login', { ...alice, username })
  await eventually('a sign-in', async () => (await signIn()).statusCode < 400)
  return visitor
}

function saidIn({ statusCode, body }: { statusCode: number; body: string }): Said {
  return statusCode < 400 ? 'done' : /may have been made/.test(body) ? 'unknown' : 'not done'
}

/** Changes with each change of the account; undefined: it is removed. */
async function versionOf({ db }: Setting, { name }: Person): Promise<unknown> {
  return (await db.query('SELECT version FROM accounts WHERE key = $1', [name])).rows[0]?.version
}

async function over({ phone }: Person): Promise<void> {
  await eventually('the end of the other session', async () => (await codeOf(phone)) === 401)
}

const codeOf = (visitor: Visitor) =>
  eventually('an answer', async () => {
    const { statusCode } = await visitor.get('/api/session')
    return statusCode === 503 ? undefined : statusCode
  })

async function waitingFor(db: pg.Pool, event: string): Promise<number> {
  return countOf(db, `wait_event = '${event}'`)
}

function busy(db: pg.Pool): Promise<number> {
  return countOf(db, "state <> 'idle' AND backend_type = 'client backend'")
}

async function countOf(db: pg.Pool, what: string): Promise<number> {
  const found = await db.query(
    `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND ${what}`
  )
  return found.rows[0]?.n
}

const waitAtCommit = `
  CREATE OR REPLACE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    RETURN NULL;
  END $$;
  CREATE OR REPLACE TRIGGER wait_at_commit BEFORE INSERT ON endings
    FOR EACH STATEMENT EXECUTE FUNCTION wait_at_commit()`

async function synchronous(db: pg.Pool, standby: string): Promise<void> {
  await db.query('ALTER SYSTEM SET synchronous_commit = off')
  await db.query(`ALTER SYSTEM SET synchronous_standby_names = '${standby}'`)
  await db.query('SELECT pg_reload_conf()')
  await eventually('the setting', async () => {
    const { rows } = await db.query('SHOW synchronous_standby_names')
    return rows[0]?.synchronous_standby_names === standby
  })
}
