// group: alone
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import Fastify from 'fastify'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import latchkey, { options } from '../src/app.ts'
import { services } from '../src/open-services.ts'
import { schemaController } from '../src/server/schema-compilers.ts'
import { readConfig } from '../src/settings/config.ts'
import { alice, secret } from './build.ts'
import { eventually } from './servers/eventually.ts'
import { patientSettings } from './servers/patience.ts'
import { startPostgres } from './servers/postgres.ts'
import { startRedis } from './servers/redis.ts'
import { bareEnvironment, behindNpmStart, startService } from './servers/service.ts'
import { countsCoverage } from './tap/children.ts'

const root = join(import.meta.dirname, '..')

/** Starts the service in this process and collects its log. */
async function startLogged(t: Test, env: Record<string, string> = {}) {
  const messages: string[] = []
  const levels: number[] = []
  const write = (line: string) => {
    const { msg, level } = JSON.parse(line)
    messages.push(msg)
    levels.push(level)
  }
  const config = readConfig({ DATABASE_URL: 'file::memory:', ...patientSettings, ...env })
  const app = Fastify({
    ...options,
    schemaController,
    logger: { ...options.logger, level: 'info', stream: { write } }
  })
  t.teardown(() => app.close())
  await app.register(latchkey, { config })
  const until = (text: string) => eventually(text, () => messages.some((message) => message.includes(text)))
  return { app, messages, levels, until }
}

t.test('prints its address, and where to create the first account while there is none', async (t) => {
  const { app, messages, until } = await startLogged(t)
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  await until('No account yet')
  const code = await app[services].firstAccount.code()
  t.match(code, /^[\w-]{22}$/)
  t.match(messages.slice(-2), [
    `Latchkey is ready at http://localhost:${port}`,
    `No account yet: create the first one, the administrator’s, at http://localhost:${port}/register?code=${code}`
  ])
})

t.test('prints only its address when an account exists or none can be created', async (t) => {
  for (const REGISTRATION of ['first', 'closed']) {
    const { app, messages, until } = await startLogged(t, {
      REGISTRATION,
      PUBLIC_URL: 'https://login.example.org'
    })
    if (REGISTRATION === 'first') await app.latchkey.accounts.add(alice)
    await app.listen({ port: 0, host: '127.0.0.1' })
    await until('Latchkey is ready')
    t.equal(messages.at(-1), 'Latchkey is ready at https://login.example.org')
  }
})

t.test('losing and regaining Redis is logged once each', async (t) => {
  const redis = await startRedis(t)
  const { app, messages, until } = await startLogged(t, { REDIS_URL: redis.url, SESSION_SECRET: secret })
  await app.ready()
  await redis.stop()
  await until('Redis is away')
  await redis.start()
  await until('Redis is back.')
  t.equal(messages.filter((message) => message.startsWith('Redis is away')).length, 1)
})

t.test('warnings about Redis are logged once when the service listens', async (t) => {
  const redis = await startRedis(
    t,
    ...['--appendonly', 'no', '--save', '3600 1', '--maxmemory-policy', 'allkeys-lru']
  )
  const { app, until } = await startLogged(t, { REDIS_URL: redis.url, SESSION_SECRET: secret })
  await app.listen({ port: 0, host: '127.0.0.1' })
  await until('Redis may drop sessions when its memory is full (maxmemory-policy is allkeys-lru)')
  await until('the last sign-ins are lost')
})

t.test('if Redis was away at the start, warnings about it are logged once when it is back', async (t) => {
  const redis = await startRedis(t, '--appendonly', 'no')
  await redis.stop()
  const { app, messages, until } = await startLogged(t, { REDIS_URL: redis.url, SESSION_SECRET: secret })
  await app.listen({ port: 0, host: '127.0.0.1' })
  await until('Redis is away')
  t.notMatch(messages, [/keeps nothing/])
  await redis.start()
  await until('Redis keeps nothing on disk')
  const count = (text: string) => messages.filter((message) => message.startsWith(text)).length
  await redis.stop()
  await eventually('the news', () => count('Redis is away') === 2)
  await redis.start()
  await eventually('the news', () => count('Redis is back') === 2)
  await app[services].sessions.ping()
  t.equal(count('Redis keeps nothing'), 1)
})

t.test('nothing is logged about a safe Redis and safe settings', async (t) => {
  const redis = await startRedis(t)
  const { app, levels } = await startLogged(t, {
    REDIS_URL: redis.url,
    SESSION_SECRET: secret,
    PUBLIC_URL: 'https://login.example.org',
    TRUST_PROXY: 'loopback'
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const asked = new Redis(redis.url)
  t.teardown(() => asked.disconnect())
  await eventually('a look at its settings', async () =>
    (await asked.info('commandstats')).includes('config|get')
  )
  await app[services].sessions.ping()
  t.same([...new Set(levels)], [30], 'nothing above info')
})

t.test(
  'settings with which cookies get lost or can be read are logged when the service listens',
  async (t) => {
    for (const [env, warning] of [
      [{ PUBLIC_URL: 'https://login.example.org' }, 'nobody can sign in'],
      [{ TRUST_PROXY: 'loopback' }, 'TRUST_PROXY is set and PUBLIC_URL is not https'],
      [{ PUBLIC_URL: 'http://login.example.org' }, 'PUBLIC_URL is http://login.example.org']
    ] as const) {
      const { app, until } = await startLogged(t, env)
      await app.listen({ port: 0, host: '127.0.0.1' })
      await until(warning)
    }
  }
)

t.test('losing and regaining PostgreSQL is logged once each, without its password', async (t) => {
  const [redis, postgres] = await Promise.all([startRedis(t), startPostgres(t)])
  const env = { DATABASE_URL: await postgres.newDatabase(), REDIS_URL: redis.url, SESSION_SECRET: secret }
  await postgres.stop()
  const { app, messages } = await startLogged(t, env)
  await app.listen({ port: 0, host: '127.0.0.1' })
  await t.rejects(app.latchkey.accounts.isEmpty())
  await postgres.start()
  await app.latchkey.accounts.isEmpty()
  t.equal(messages.filter((message) => message.startsWith('PostgreSQL is away: ')).length, 1)
  t.equal(messages.filter((message) => message === 'PostgreSQL is back.').length, 1)
  t.notMatch(messages.join('\n'), /not(%20| )a(%20| )secret/)
})

t.test('reads the environment if it gets no options', async (t) => {
  process.chdir(t.testdir())
  process.env.DATABASE_URL = 'file::memory:'
  const app = Fastify(options)
  t.teardown(() => app.close())
  await app.register(latchkey)
  t.same(app[services].config.database, { kind: 'sqlite', file: ':memory:' })
})

t.test('listens on the address in FASTIFY_ADDRESS', async (t) => {
  const env = { DATABASE_URL: `file:${t.testdir()}/latchkey.db`, FASTIFY_ADDRESS: '127.0.0.2' }
  const { url } = await startService(t, { env })
  t.equal((await fetch(`http://127.0.0.2:${new URL(url).port}/`)).status, 200)
})

t.test('listens on every address in a container', async (t) => {
  const container = { FASTIFY_ADDRESS: '', KUBERNETES_SERVICE_HOST: '192.0.2.1' }
  const { url } = await startService(t, { env: { DATABASE_URL: 'file::memory:', ...container } })
  t.equal((await fetch(`http://127.0.0.3:${new URL(url).port}/health/live`)).status, 200)
})

t.test('npm start takes no options: they would be ignored', async (t) => {
  const said = runToItsEnd({}, '--port 4000')
  t.match(said, '"npm start" takes no options, and has --port 4000: use the settings')
  t.match(said, 'exit code 1')
})

t.test('a port in use is reported in one sentence that says what to do', async (t) => {
  const env = { DATABASE_URL: `file:${t.testdir()}/latchkey.db` }
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const { port } = other.address() as AddressInfo
  const second = runToItsEnd({ ...env, PORT: `${port}` })
  t.match(
    second,
    `Port ${port} is in use. Stop the program that listens there, or choose another: PORT=3001 npm start`
  )
  t.notMatch(second, /\bat .+:\d+:\d+/, 'no stack trace')
})

t.test('each wrong setting is one sentence, and the service does not start', async (t) => {
  const output = runToItsEnd({ PORT: 'x', SESSION_SECRET: 'short' })
  t.match(output, 'Latchkey cannot run with these settings:\n  - PORT is "x"')
  t.match(output, '  - SESSION_SECRET has 5 characters, it needs 32 or more')
  t.notMatch(output, /\bat .+:\d+:\d+/, 'no stack trace')
})

t.test('a database that cannot be opened is one sentence, and the service does not start', async (t) => {
  const folder = t.testdir({ file: 'not a folder' })
  const output = runToItsEnd({ DATABASE_URL: `file:${folder}/file/latchkey.db` })
  t.match(output, `DATABASE_URL is "file:${folder}/file/latchkey.db", which cannot be opened`)
  t.notMatch(output, /Node\.js v|triggerUncaughtException|\bat .+:\d+:\d+/, 'no stack trace')
  t.match(output, /\nexit code 1\n$/)
})

t.test('a PostgreSQL that refuses is one sentence, and the service does not start', async (t) => {
  const postgres = await startPostgres(t)
  const DATABASE_URL = postgres.urlOf('nowhere')
  const output = runToItsEnd({ DATABASE_URL, REDIS_URL: 'redis://127.0.0.1:1', SESSION_SECRET: secret })
  t.match(
    output,
    '  - DATABASE_URL names a PostgreSQL server that refuses the connection: database "nowhere" does not exist\n'
  )
  t.notMatch(output, /not%20a|\bat .+:\d+:\d+/, 'neither the password nor a stack trace')
})

function runToItsEnd(env: Record<string, string>, words = ''): string {
  const options = {
    cwd: root,
    env: { ...bareEnvironment(), ...countsCoverage, ...env },
    encoding: 'utf8'
  } as const
  return execFileSync('sh', ['-c', `(${behindNpmStart()} ${words}) 2>&1; echo "exit code $?"`], options)
}
