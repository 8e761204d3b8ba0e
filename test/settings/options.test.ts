import t from 'tap'
import { ConfigError } from '../../src/errors/errors.ts'
import { type Config, readConfig } from '../../src/settings/config.ts'
import { optionName } from '../../src/settings/option-names.ts'
import { type LatchkeyOptions, readOptions } from '../../src/settings/options.ts'
import { settings } from '../../src/settings/settings.ts'

/** For any values of a program without types. */
function faultsOf(options: object): readonly string[] {
  try {
    readOptions(options as LatchkeyOptions)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

t.test('options give the same configuration as settings', async (t) => {
  const valuesOf = ({ report: _, ...values }: Config) => values
  t.same(valuesOf(readOptions({})), valuesOf(readConfig({})))
  const secrets = ['a'.repeat(32), 'b'.repeat(32)]
  const options: LatchkeyOptions = {
    publicUrl: 'https://www.example.org',
    trustedOrigins: ['https://a.example', 'https://b.example'],
    sessionSecret: secrets,
    redisUrl: 'redis://localhost',
    sessionIdle: '10m',
    passwordMinLength: 20,
    registration: undefined
  }
  t.same(
    valuesOf(readOptions(options)),
    valuesOf(
      readConfig({
        PUBLIC_URL: 'https://www.example.org',
        TRUSTED_ORIGINS: 'https://a.example,https://b.example',
        SESSION_SECRET: secrets.join(),
        REDIS_URL: 'redis://localhost',
        SESSION_IDLE: '10m',
        PASSWORD_MIN_LENGTH: '20'
      })
    )
  )
})

t.test('the settings in force are reported under the names of the options, without secrets', async (t) => {
  const report = readOptions({ sessionIdle: '10m', sessionSecret: 'a'.repeat(32) }).report()
  const reported = new Map(report.map(({ setting, ...written }) => [setting, written]))
  t.match(reported.get('sessionIdle'), { value: '10m', from: 'option' })
  t.match(reported.get('sessionSecret'), { value: '(hidden)', from: 'option' })
  t.match(reported.get('sessionLifetime'), { value: '12h', from: 'default' })
  t.notOk(reported.has('port'))
})

t.test('every setting is an option, except the server’s own', async (t) => {
  for (const { name, group, default: value } of settings) {
    const option = optionName(name)
    const faults = group === 'server' ? [`${option} is an option of the server: pass it to Fastify`] : []
    t.same(faultsOf({ [option]: value }), faults, option)
  }
})

t.test('all faults are reported at once, by the names of the options', async (t) => {
  t.same(faultsOf({ sessionIdle: 'soon', passwordMinLength: 7 }), [
    'sessionIdle is "soon", it must be a duration such as 45s, 30m, 12h or 30d, of at most 400d',
    'passwordMinLength is "7", it must be a whole number from 8 to 64'
  ])
  t.match(faultsOf({ redisUrl: 'redis://localhost' }), [/^sessionSecret is not set, and with redisUrl every/])
  t.match(faultsOf({ databaseUrl: 'postgres://localhost/x', sessionSecret: 'a'.repeat(32) }), [
    /^redisUrl is not set, and with PostgreSQL in databaseUrl/
  ])
})

t.test('a blank option is a fault', async (t) => {
  for (const option of ['siteName', 'registration'])
    t.match(faultsOf({ [option]: ' ' }), [`${option} contains only spaces`])
})

t.test('an unknown option is reported, and so is one that belongs to Fastify', async (t) => {
  t.same(faultsOf({ sesionIdle: '30m' }), [
    'sesionIdle is not an option of Latchkey: did you mean sessionIdle?'
  ])
  t.same(faultsOf({ trustProxy: true }), ['trustProxy is an option of the server: pass it to Fastify'])
  t.same(faultsOf({ SESSION_IDLE: '30m' }), [
    'SESSION_IDLE is not an option of Latchkey: did you mean sessionIdle?'
  ])
})

t.test('keepAtSignIn accepts only fields of the app', async (t) => {
  t.same(faultsOf({ keepAtSignIn: ['cart', 'user', 'accountRole'] }), [
    'keepAtSignIn has user, which belongs to Latchkey',
    'keepAtSignIn has accountRole, which belongs to Latchkey'
  ])
})

t.test('a value that is no text is a fault', async (t) => {
  for (const value of [true, {}, Object.create(null), [{}], () => 'x', Symbol('x')])
    t.same(faultsOf({ siteName: value }), ['siteName is not a text, a number or a list of them'])
  t.same(faultsOf({ home: 7 }), ['home is not a text, it must be a path of this site, such as /'])
  for (const keepAtSignIn of ['cart', [7], {}])
    t.same(faultsOf({ keepAtSignIn }), [
      'keepAtSignIn is not a list of names, it must be one such as ["cart"]'
    ])
})

t.test('home is a path on this site', async (t) => {
  t.same(faultsOf({ home: '/start?from=login' }), [])
  for (const home of ['', 'start', '//evil.example', 'https://evil.example', '/login'])
    t.same(faultsOf({ home }), [`home is "${home}", it must be a path of this site, such as /`])
})
