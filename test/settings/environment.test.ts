import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { ConfigError } from '../../src/errors/errors.ts'
import { readConfig } from '../../src/settings/config.ts'
import { readEnvironment, readSources } from '../../src/settings/environment.ts'
import { settings } from '../../src/settings/settings.ts'

t.test('the variables of the process win over those in .env', async (t) => {
  t.chdir(t.testdir({ '.env': '# a comment\nPORT=4000\nLATCHKEY_ONLY_IN_FILE="from the file"\n' }))
  const before = process.env.PORT
  process.env.PORT = '5000'
  t.teardown(() => {
    if (before === undefined) delete process.env.PORT
    else process.env.PORT = before
  })
  t.match(readEnvironment(), { PORT: '5000', LATCHKEY_ONLY_IN_FILE: 'from the file' })
})

t.test('UV_THREADPOOL_SIZE is not read from .env, because Node does not either', async (t) => {
  t.chdir(t.testdir({ '.env': 'UV_THREADPOOL_SIZE=64\n' }))
  t.equal(readEnvironment().UV_THREADPOOL_SIZE, process.env.UV_THREADPOOL_SIZE)
})

t.test('.env need not exist', async (t) => {
  t.chdir(t.testdir({}))
  t.same(readEnvironment(), { ...process.env })
})

t.test('an unreadable .env is a ConfigError', async (t) => {
  t.chdir(t.testdir({ '.env': {} }))
  t.throws(readEnvironment, { code: 'LATCHKEY_CONFIG', message: /\.env cannot be read: EISDIR/ })
})

t.test('a line of .env that sets nothing is a fault with its number', async (t) => {
  const lines = [
    '# a comment',
    '',
    '  ',
    'SITE_NAME="two',
    'lines # of it"',
    'SESSION_IDLE: 10m',
    'export PORT=1',
    'oops'
  ]
  t.chdir(t.testdir({ '.env': lines.join('\n') }))
  const sentences = [6, 8].map((number) => `line ${number} of .env sets nothing: write NAME=value`)
  t.throws(() => readEnvironment(), new ConfigError(sentences))
})

const value = 'a'.repeat(32)

/** In a folder with these files, among them perhaps `.env`. */
function inFolder(t: Test, files: Record<string, string>, environment: NodeJS.ProcessEnv = {}) {
  t.chdir(t.testdir(files))
  const before = { ...process.env }
  Object.assign(process.env, environment)
  t.teardown(() => {
    for (const name of Object.keys(environment)) delete process.env[name]
    Object.assign(process.env, before)
  })
}

t.test('every setting that may hold a secret can be in a file, and no other', async (t) => {
  const secret = settings.filter((setting) => setting.secret !== undefined).map(({ name }) => name)
  t.ok(secret.includes('SESSION_SECRET'))
  const files = Object.fromEntries(settings.map(({ name }) => [name.toLowerCase(), `${name} in a file\r\n`]))
  const variables = settings.map(({ name }) => `${name}_FILE=${name.toLowerCase()}\n`)
  inFolder(t, { ...files, '.env': variables.join('') })
  const { file, lost } = readSources()
  const isRead = settings.filter(({ name }) => file[name] === `${name} in a file`).map(({ name }) => name)
  t.same(isRead, secret)
  const isLost = settings.map(({ name }) => name).filter((name) => !secret.includes(name))
  t.same(
    lost.map(({ sentence }) => sentence).sort(),
    isLost.map((name) => `${name}_FILE is not a setting and has no effect. Did you mean ${name}?`).sort()
  )
})

t.test('the file of a secret in the environment wins over .env, and over its own text there', async (t) => {
  const own = { '.env': `SESSION_SECRET=${'b'.repeat(32)}\n`, credential: `${value}\n` }
  inFolder(t, own, { SESSION_SECRET_FILE: 'credential' })
  t.match(readConfig(readEnvironment()), { sessionSecrets: [value], warnings: [] })
})

t.test('a file that has no secret stops the start, and each is named', async (t) => {
  inFolder(t, {
    '.env': [
      `SESSION_SECRET=${value}\nSESSION_SECRET_FILE=good\nPASSWORD_PEPPERS_FILE=nowhere`,
      'REDIS_URL_FILE=empty\nDATABASE_URL_FILE=two\nMETRICS_TOKEN_FILE=.'
    ].join('\n'),
    good: value,
    empty: ' \n',
    two: `${value}\n${value}\n`
  })
  t.throws(
    () => readEnvironment(),
    new ConfigError([
      'DATABASE_URL_FILE names two, which has 2 lines, it must have one',
      'REDIS_URL_FILE names empty, which is empty',
      'SESSION_SECRET_FILE and SESSION_SECRET are both set: remove one of them',
      'PASSWORD_PEPPERS_FILE must be the path of a file (ENOENT)',
      'METRICS_TOKEN_FILE names ., which is no file'
    ])
  )
})

t.test('a secret that is written in place of its path is not shown', async (t) => {
  for (const secret of [`postgres://app:${value}@db/app`, value, value.repeat(200), `good/${value}`]) {
    inFolder(t, { '.env': `DATABASE_URL_FILE='${secret}'`, good: value })
    t.throws(readEnvironment, {
      code: 'LATCHKEY_CONFIG',
      message: /^(?!.*aaaa).*DATABASE_URL_FILE must be the path/s
    })
  }
})

t.test('a pipe in place of a file stops the start, and is not waited for', async (t) => {
  inFolder(t, {}, { SESSION_SECRET_FILE: 'pipe' })
  execFileSync('mkfifo', ['pipe'])
  // Somebody who writes into it, so that reading it ends.
  const writer = spawn('sh', ['-c', `echo ${value} > pipe`], { stdio: 'ignore' })
  const gone = once(writer, 'exit')
  // Where it comes late, the pipe may be removed already, and it would make a file of that name.
  t.teardown(async () => {
    writer.kill()
    await gone
  })
  t.throws(() => readEnvironment(), new ConfigError(['SESSION_SECRET_FILE names pipe, which is no file']))
})
