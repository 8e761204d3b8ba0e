// group: failing-storage
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { alice, build, databaseFile, registerAlice, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'

const holdLock = `
  const { DatabaseSync } = require('node:sqlite')
  const database = new DatabaseSync(process.argv[1])
  database.exec('BEGIN EXCLUSIVE')
  console.log('locked')
  process.stdin.resume().on('end', () => process.exit())
`

/** Another process that locks the file, as a backup or a sqlite3 shell does. */
async function lock(t: Test, file: string): Promise<() => Promise<void>> {
  const holder = spawn(process.execPath, ['--eval', holdLock, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => holder.stdin.end())
  await once(holder.stdout, 'data')
  return async () => {
    const gone = once(holder, 'exit')
    holder.stdin.end()
    await gone
  }
}

/** The number of failed statements in this process, whether they return rows or not. */
function countRefusals(t: Test): () => number {
  const statements = StatementSync.prototype
  const { run, all } = statements
  let count = 0
  const counted = <T extends unknown[], R>(execute: (...values: T) => R) =>
    function (this: StatementSync, ...values: T): R {
      try {
        return Reflect.apply(execute, this, values)
      } catch (error) {
        count += 1
        throw error
      }
    }
  Object.assign(statements, { run: counted(run), all: counted(all) })
  t.teardown(() => Object.assign(statements, { run, all }))
  return () => count
}

t.test('while another process locks the file, reading works and writing is refused', async (t) => {
  const app = await build(t, { env: { STORAGE_PATIENCE: '100ms' } })
  const browser = await registerAlice(app)
  const stranger = new Visitor(app, 'browser')
  const unlock = await lock(t, databaseFile(app))

  const refused = await stranger.submit('/login', alice)
  t.equal(refused.statusCode, 503)
  t.ok(Number(refused.headers['retry-after']) > 0)
  t.notOk(refused.headers['set-cookie'])
  t.equal((await browser.get('/dashboard')).statusCode, 200)

  await unlock()
  t.equal((await stranger.submit('/login', alice)).statusCode, 303)
})

t.test('20 concurrent sign-ins or sign-outs are refused together, not one after the other', async (t) => {
  const app = await build(t, { env: { STORAGE_PATIENCE: '1s' } })
  await registerAlice(app)
  const signedIn = Array.from({ length: 20 }, () => new Visitor(app, 'browser'))
  for (const browser of signedIn) await browser.submit('/login', alice)
  const strangers = signedIn.map(() => new Visitor(app, 'browser'))
  await lock(t, databaseFile(app))

  const signingIn = await Promise.all(strangers.map((stranger) => stranger.submit('/login', alice)))
  t.ok(signingIn.every(({ statusCode, cookies }) => statusCode === 503 && cookies.length === 0))

  // After one has waited in vain, the others do not wait. Much later, as on a slow machine, they try again.
  const refused = countRefusals(t)
  await eventually('one try for each', async () => {
    const before = refused()
    const signingOut = await Promise.all(signedIn.map((browser) => browser.submit('/logout')))
    t.ok(signingOut.every(({ statusCode, cookies }) => statusCode === 503 && cookies.length === 0))
    return refused() - before === signedIn.length
  })
  for (const browser of signedIn) t.equal((await browser.get('/dashboard')).statusCode, 200)
})

t.test('while one request waits for the lock, others are answered', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  await browser.submit('/login', alice)
  const other = new DatabaseSync(databaseFile(app))
  t.teardown(() => other.close())

  /**
   * Signs out, and reads a page while the file is locked. @returns which was answered first, and the result
   * of sign-out
   */
  async function signOutMeanwhile() {
    other.exec('BEGIN IMMEDIATE')
    let first: 'signing out' | 'the page' | undefined
    const signingOut = browser.submit('/logout').finally(() => (first ??= 'signing out'))
    t.equal((await browser.get('/dashboard')).statusCode, 200)
    first ??= 'the page'
    other.exec('COMMIT')
    return { first, status: (await signingOut).statusCode }
  }

  t.same(
    await signOutMeanwhile(),
    { first: 'the page', status: 303 },
    'the waiting request is done when the file is free'
  )
  t.equal((await browser.get('/dashboard')).statusCode, 303)
})
