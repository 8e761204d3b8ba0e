// group: real-processes
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { modulesOf, packageOf } from '../../bench/loaded-modules.ts'
import { bareEnvironment } from '../servers/service.ts'

const root = join(import.meta.dirname, '../..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Two thirds of the 1051 that a start took before what it does not need was left out. */
const mostOfService = 700
/** Either took 520: three fifths of it, and for the help a quarter. */
const mostOfUsers = 312
const mostOfHelp = 130

/** What only some starts or requests need: each is loaded by whoever does. */
const later = [
  ...['ajv', 'bowser', 'commander', 'express-session', 'fast-json-stringify/index.js'],
  ...[
    'fastify-cli',
    'ioredis',
    'kysely',
    'node:undici',
    'nodemailer',
    'otpauth',
    'pg',
    'pino-pretty',
    'prom-client',
    'src/mail/smtp-sender.ts',
    'src/views/mails.ts',
    'yaml'
  ]
]

function environment(t: Test): NodeJS.ProcessEnv {
  const DATABASE_URL = `file:${t.testdir()}/latchkey.db`
  return { ...bareEnvironment(), DATABASE_URL, PORT: '0' }
}

function isOf(file: string, name: string): boolean {
  return file === name || packageOf(file) === name || file.includes(`node_modules/${name}`)
}

t.test('the service loads what a start needs, and no more', async (t) => {
  const [, ...words] = scripts.start.split(' ')
  const noted = join(t.testdir(), 'modules.json')
  const modules = await modulesOf({ words, env: environment(t), noted, until: 'Latchkey is ready' })
  t.ok(modules.includes('src/app.ts') && modules.some((file) => isOf(file, 'fastify')), 'it counts')
  t.same(
    later.filter((name) => modules.some((file) => isOf(file, name))),
    []
  )
  const servers = modules.filter((file) => file.endsWith('node_modules/fastify/fastify.js'))
  t.equal(servers.length, 1)
  t.ok(modules.length <= mostOfService, `${modules.length} modules, at most ${mostOfService}`)
})

t.test('the command loads nothing of the service for its help, and no server for accounts', async (t) => {
  const env = environment(t)
  const noted = join(t.testdir(), 'modules.json')
  const help = await modulesOf({ words: ['bin/latchkey.js', '--help'], env, noted })
  t.ok(help.length <= mostOfHelp, `help: ${help.length} modules, at most ${mostOfHelp}`)
  t.notOk(help.some((file) => /^(vendor|plugins|routes)\/|src\/(open-services|database\/sqlite)/.test(file)))

  const users = await modulesOf({ words: ['bin/latchkey.js', 'users', 'list'], env, noted })
  t.ok(users.length <= mostOfUsers, `users list: ${users.length} modules, at most ${mostOfUsers}`)
  t.same(
    [...later, 'fastify'].filter((name) => name !== 'commander' && users.some((file) => isOf(file, name))),
    []
  )
})
