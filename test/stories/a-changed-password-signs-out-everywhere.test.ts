import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'
import { bareEnvironment } from '../servers/service.ts'

const root = join(import.meta.dirname, '../..')
const changed = { username: 'alice', password: 'a wholly different phrase' }

/** What an administrator types beside the running service. */
function passwd(env: Record<string, string>): string {
  const options = {
    cwd: root,
    env: { ...bareEnvironment(), ...env },
    input: changed.password,
    encoding: 'utf8'
  } as const
  return execFileSync(process.execPath, ['src/cli.ts', 'users', 'passwd', 'alice'], {
    ...options,
    stdio: 'pipe'
  })
}

for (const where of ['the embedded database', 'Redis']) {
  t.test(`over ${where}`, async (t) => {
    const redis = where === 'Redis' ? { REDIS_URL: (await startRedis(t)).url } : {}
    const env = {
      DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
      SESSION_SECRET: secret,
      REGISTRATION: 'open',
      ...redis
    }
    const app = await build(t, { env })
    const laptop = await registerAlice(app)
    const phone = new Visitor(app, 'browser')
    await phone.submit('/login', { ...alice, remember: 'on' })
    const bob = new Visitor(app, 'browser')
    await bob.submit('/register', { ...alice, username: 'bob' })

    t.equal(passwd(env), 'Changed the password of alice, who is signed out everywhere.\n')

    t.equal((await laptop.get('/dashboard')).statusCode, 303)
    t.equal((await phone.get('/dashboard')).statusCode, 303)
    t.equal((await bob.get('/dashboard')).statusCode, 200)
    t.equal((await phone.submit('/login', alice)).statusCode, 401)
    t.equal((await phone.submit('/login', changed)).statusCode, 303)
    t.equal((await phone.get('/dashboard')).statusCode, 200)
  })
}

t.test('while Redis is away the command says what is done and what is not', async (t) => {
  const env = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    SESSION_SECRET: secret,
    REDIS_URL: 'redis://127.0.0.1:1'
  }
  const app = await build(t, { env: { ...env, REDIS_URL: '' } })
  await app.latchkey.accounts.add(alice)
  t.match(
    refusal(() => passwd(env)),
    {
      status: 1,
      stderr: /^The password is changed, but alice is not signed out everywhere: /
    }
  )
})

function refusal(command: () => string): unknown {
  try {
    return command()
  } catch (error) {
    return error
  }
}
