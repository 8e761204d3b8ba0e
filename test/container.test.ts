// group: real-processes
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { readConfig } from '../src/settings/config.ts'
import { settings } from '../src/settings/settings.ts'
import { secret } from './build.ts'
import { startService } from './servers/service.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
/** Without comments, one instruction a line. */
const recipe = read('Containerfile')
  .replace(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
const wordsOf = (instruction: RegExp): string[] => JSON.parse(instruction.exec(recipe)?.[1] ?? '[]')
const start = wordsOf(/^CMD (\[.+\])$/m)
const probe = wordsOf(/^HEALTHCHECK .*CMD (\[.+\])$/m)
const ours: readonly string[] = settings.map(({ name }) => name)
/** With those of Node, and of `npm start` alone. */
const variables = [...ours, 'NODE_ENV', 'FASTIFY_ADDRESS']

t.test('every file it copies exists and is not ignored', async (t) => {
  const copied = [...recipe.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
    files.split(' ')
  )
  t.ok(copied.includes('src'))
  const sent = read('.dockerignore').split('\n')
  for (const file of copied) {
    t.ok(existsSync(join(root, file)), file)
    t.ok(sent.includes(`!${file}`), `.dockerignore lets ${file} through`)
  }
  const needed: string[] = parse(read('package.json')).files.filter((file: string) =>
    existsSync(join(root, file))
  )
  for (const file of needed.filter((file) => !/^dist$|\.md$/.test(file))) t.ok(copied.includes(file), file)
})

t.test('it runs on the required Node as an unprivileged user', async (t) => {
  const { engines } = parse(read('package.json'))
  const versions = [...recipe.matchAll(/^FROM \S+\/node:(\d+)-slim/gm)].map(([, version]) => `>=${version}`)
  t.same([...new Set(versions)], [engines.node])
  t.match(recipe, /^USER node$/m)
  t.ok(recipe.indexOf('USER node') < recipe.indexOf('\nCMD '))
})

t.test('it sets only known settings', async (t) => {
  const [, environment = ''] = /^ENV (.+)$/m.exec(recipe) ?? []
  const names = [...environment.matchAll(/([A-Z_]+)=/g)].map(([, name = '']) => name)
  t.ok(names.includes('DATABASE_URL'))
  for (const name of names) t.ok(variables.includes(name), name)
})

t.test('it starts as npm start does and is healthy while it runs', async (t) => {
  const { scripts } = parse(read('package.json'))
  t.equal(start.join(' '), scripts.start)

  const [, ...words] = start
  const command = [`"${process.execPath}"`, ...words].join(' ')
  const { url, stop } = await startService(t, {
    command,
    env: { DATABASE_URL: `file:${t.testdir()}/latchkey.db` }
  })
  const PORT = new URL(url).port
  const isWell = () => promisify(execFile)(process.execPath, probe.slice(1), { env: { PORT } })
  t.match(probe.join(), '/health/live')
  await isWell()
  await stop('SIGTERM')
  await t.rejects(isWell(), { code: 1 })
})

t.test('compose.yaml is a valid configuration with a read-only file system', async (t) => {
  const { services, volumes } = parse(read('compose.yaml'))
  const { latchkey, redis, postgres } = services
  const given: Record<string, string> = { SESSION_SECRET: secret, POSTGRES_PASSWORD: secret }
  const filled = Object.entries<string>(latchkey.environment).map(([name, value]): [string, string] => [
    name,
    value.replace(/\$\{(\w+):[^}]*\}/g, (_, variable) => given[variable] ?? '')
  ])
  for (const [name] of filled) t.ok(ours.includes(name), name)
  const config = readConfig(Object.fromEntries(filled))
  t.match(config, { database: { kind: 'postgres' }, redisUrl: 'redis://redis:6379' })
  t.match(latchkey, { read_only: true, cap_drop: ['ALL'], build: '.' })
  t.same(Object.keys(latchkey.depends_on), ['redis', 'postgres'])
  t.match(redis.command.join(' '), '--appendonly yes --maxmemory-policy noeviction')
  for (const service of [redis, postgres]) {
    t.ok(service.healthcheck.test.length > 1)
    t.ok(service.volumes[0].split(':')[0] in volumes)
  }
})
