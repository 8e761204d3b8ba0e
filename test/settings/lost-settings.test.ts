import { writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { ConfigError } from '../../src/errors/errors.ts'
import { readConfig, readOwnConfig } from '../../src/settings/config.ts'
import { settings } from '../../src/settings/settings.ts'
import { secret } from '../build.ts'

/** The messages for a `.env` and an environment, and those that stop the start. */
function read(t: Test, file: string | Buffer, environment: NodeJS.ProcessEnv = {}) {
  const folder = t.testdir({})
  writeFileSync(`${folder}/.env`, file)
  t.chdir(folder)
  const before = { ...process.env }
  for (const { name } of settings) delete process.env[name]
  Object.assign(process.env, environment)
  try {
    const config = readOwnConfig()
    return { config, warnings: config.warnings, faults: [] }
  } catch (error) {
    if (error instanceof ConfigError) return { warnings: [], faults: error.faults }
    throw error
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name]
    Object.assign(process.env, before)
  }
}

t.test('a byte order mark, UTF-16 and any line ends lose nothing', async (t) => {
  const text = 'REGISTRATION=closed\nSITE_NAME=Käse\n'
  const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le')
  for (const file of [`\uFEFF${text}`, utf16, Buffer.from(utf16).swap16(), text.replaceAll('\n', '\r\n')]) {
    t.match(read(t, file), { config: { registration: 'closed', branding: { name: 'Käse' } }, warnings: [] })
  }
  t.match(read(t, 'SITE_NAME=Ours\rREGISTRATION=closed\r'), { config: { registration: 'closed' } })
})

t.test('a file in an unknown encoding is refused', async (t) => {
  for (const file of [
    Buffer.from('SITE_NAME=Käse\n', 'latin1'),
    Buffer.from('REGISTRATION=closed', 'utf16le')
  ])
    t.same(read(t, file).faults, ['.env cannot be read: .env is not UTF-8 text'])
})

t.test('a value cut off by a comment is reported at the start', async (t) => {
  const cut = (file: string) => read(t, file).warnings
  for (const line of ['SITE_COLOR=#ffcc00', 'SITE_COLOR= #ffcc00', 'SITE_COLOR = #ffcc00 # gold'])
    t.same(cut(`# ours\n${line}`), [
      'SITE_COLOR in line 2 of .env is cut off at the #, which begins a comment: put the value in quotes.'
    ])
  t.match(cut('SITE_NAME=Tom#1'), [/^SITE_NAME in line 1 of \.env is cut off at the #/])
  t.match(cut('SITE_NAME="Tom" & Co'), [/^SITE_NAME in line 1 of \.env loses the text after its quotes/])
  t.match(cut('SITE_NAME=Tom\n\nSITE_NAME=Jerry'), [
    /^SITE_NAME in line 1 of \.env is set again in line 3, and only that counts/
  ])
  t.match(cut('NOTE="two\nSITE_NAME=Tom\nOTHER="'), [
    /^SITE_NAME in line 2 of \.env sets nothing, because it is inside quotes that were opened before it/
  ])
})

t.test('intact values are not reported', async (t) => {
  const lines = [
    'SITE_COLOR="#ffcc00" # gold',
    "SITE_NAME='Tom #1'",
    'PORT=8080 # where to listen',
    'SESSION_IDLE=10m\t#short',
    'SITE_LOGO= # none yet',
    'AUDIT_RETENTION=',
    '#SESSION_LIFETIME=1h#2h',
    'export LANGUAGES = de',
    'TEXTS=""',
    `SESSION_SECRET=\`${secret}\``,
    'OTHER=a#b',
    'registry.example/:token=x'
  ]
  const { config, warnings, faults } = read(t, lines.join('\n'))
  t.same([warnings, faults], [[], []])
  t.match(config, { branding: { name: 'Tom #1', color: '#ffcc00' }, port: 8080, languages: ['de'] })
})

t.test('a line with more than a name before the = is refused', async (t) => {
  for (const line of ['set REGISTRATION=closed', '- REGISTRATION=closed', '$env:REGISTRATION="closed"'])
    t.same(read(t, line).faults, ['line 1 of .env sets nothing: write NAME=value'], line)
})

t.test('a misspelt name in .env is reported, even a single word', async (t) => {
  const said = (name: string) => read(t, `${name}=x`).warnings
  for (const name of ['LANGUAGE', 'LANGUAGS', 'Languages', 'TEXT', 'Views', 'AUDIT_RETENTON', 'SITENAME'])
    t.match(said(name), [
      new RegExp(`^${name} is not a setting and has no effect\\. Did you mean [A-Z_]+\\?$`)
    ])
  t.match(said('LANGUAGES\u00a0'), [
    'LANGUAGES\\u{a0} is not a setting and has no effect. Did you mean LANGUAGES?'
  ])
  for (const name of ['HOST', 'NODE_ENV', 'POSTGRES_PASSWORD', 'FASTIFY_ADDRESS', 'TZ', 'EDITOR'])
    t.same(said(name), [], name)
})

t.test('names of other programs in the environment are not reported', async (t) => {
  const said = (environment: NodeJS.ProcessEnv) => readConfig(environment).warnings
  t.same(said({ AUDIT_RETENTON: '10d', audit_retention: '10d', LANGUAGS: 'de', Languages: 'de' }), [
    'AUDIT_RETENTON is not a setting and has no effect. Did you mean AUDIT_RETENTION?',
    'audit_retention is not a setting and has no effect. Did you mean AUDIT_RETENTION?',
    'LANGUAGS is not a setting and has no effect. Did you mean LANGUAGES?',
    'Languages is not a setting and has no effect. Did you mean LANGUAGES?'
  ])
  const others = {
    LANGUAGE: 'de',
    HOST: 'x',
    POST: 'x',
    VIEW: 'x',
    POSTGRES_PASSWORD: 'x',
    npm_config_cache: 'x'
  }
  t.same(said({ ...others, AUDIT_RETENTON: '', redis_url: ' ' }), [])
})

t.test('a blank value is reported', async (t) => {
  const sentence = /^SITE_NAME contains only spaces, and counts as not set/
  t.match(read(t, 'SITE_NAME="  "').warnings, [sentence])
  t.match(readConfig({ SITE_NAME: ' \t' }).warnings, [sentence])
  t.same(read(t, 'SITE_NAME=Ours', { SITE_NAME: ' ' }).warnings, [], 'the value in .env counts')
})

t.test('a setting that .env cannot set is reported', async (t) => {
  t.match(read(t, 'UV_THREADPOOL_SIZE=8').warnings, [/^UV_THREADPOOL_SIZE in \.env has no effect/])
})

t.test('a lost setting that protects people stops the start', async (t) => {
  const protecting = settings.filter(({ protects }) => protects).map(({ name }) => name)
  for (const name of ['REGISTRATION', 'TRUST_PROXY', 'SESSION_SECRET', 'PUBLIC_URL', 'DATABASE_URL'])
    t.ok(protecting.includes(name), name)
  for (const name of protecting) {
    t.match(read(t, `${name}=#x`).faults, [new RegExp(`^${name} in line 1 of \\.env is cut off`)], name)
    t.match(read(t, `${name}=" "`).faults, [`${name} contains only spaces`])
    t.match(read(t, '', { [name]: ' ' }).faults, [`${name} contains only spaces`])
    const wrong = `${name.slice(0, -1)}${name.slice(-2, -1)}`
    const sentence = `${wrong} is not a setting and has no effect. Did you mean ${name}?`
    t.same(read(t, `${wrong}=x`).faults, [sentence])
    const prefixed = `LATCHKEY_${name}`
    const notOurs = `${prefixed} is not a setting and has no effect. Did you mean ${name}?`
    t.same(read(t, `${prefixed}=x`).faults, [notOurs])
    t.same(read(t, '', { [prefixed]: 'x' }).faults, [notOurs])
    if (name.length > 7) t.same(read(t, '', { [wrong]: 'x' }).faults, [sentence])
  }
})

t.test('the file of a secret is lost as the secret itself is', async (t) => {
  const { faults } = read(t, 'SESSION_SECRET_FILE=".env" and what is behind')
  t.match(faults, [/^SESSION_SECRET_FILE in line 1 of \.env loses the text after its quotes/])
  t.match(read(t, 'SESSION_SECRET_FILE=" "').faults, [/^SESSION_SECRET_FILE contains only spaces/])
  t.match(read(t, 'SESSION_SECRT_FILE=x').faults, [/Did you mean SESSION_SECRET_FILE\?$/])
})

t.test('a lost setting does not stop the start if it is set elsewhere', async (t) => {
  t.match(read(t, 'REGISTRATON=open\nREGISTRATION=closed'), {
    config: { registration: 'closed' },
    faults: []
  })
  t.match(read(t, 'REGISTRATION=#closed', { REGISTRATION: 'closed' }), { warnings: [], faults: [] })
})
