import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import type { ReportedSetting } from '../../src/settings/report.ts'
import { settings } from '../../src/settings/settings.ts'
import { secret } from '../build.ts'
import { commandIn } from './command.ts'

const names = settings.map(({ name }) => name)

/** In its own folder, with only this `.env` and these settings. */
async function settingsIn(t: Test, env: NodeJS.ProcessEnv, file = '', words: readonly string[] = []) {
  const folder = t.testdir({ '.env': file })
  const others = Object.entries(process.env).filter(([name]) => !names.includes(name))
  const bare = { ...Object.fromEntries(others), NO_COLOR: '1', ...env }
  const again = () => commandIn(t, bare, folder)(['settings', ...words])
  return {
    folder,
    again,
    ...(await again())
  }
}

function rowsIn(out: string): Map<string, Omit<ReportedSetting, 'setting'>> {
  const rows: ReportedSetting[] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  return new Map(rows.map(({ setting, ...row }) => [setting, row]))
}

test('settings prints every setting with its value, its default and its source', async (t) => {
  const env = { PORT: ' 8080 ', SESSION_IDLE: '', LOG_LEVEL: 'warn' }
  const file = 'PORT=9090\nSESSION_IDLE=10m\nSITE_COLOR="#ffcc00"'
  const { code, out, err } = await settingsIn(t, env, file)
  t.same([code, err], [0, ''])
  t.same(
    out
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]),
    ['SETTING', ...names]
  )
  t.match(out, /^SETTING +VALUE +FROM +DEFAULT$/m)
  t.match(out, /^PORT +8080 +environment +3000$/m)
  t.match(out, /^SESSION_IDLE +10m +\.env +30m$/m, 'an empty environment variable hides nothing')
  t.match(out, /^SITE_COLOR +#ffcc00 +\.env +\(none\)$/m)
  t.match(out, /^REGISTRATION +first +default +first$/m)
  t.match(out, /^PUBLIC_URL +- +default +\(http:\/\/localhost:PORT\)$/m)
})

test('settings --json prints one setting a line', async (t) => {
  const { code, out } = await settingsIn(t, { TRUST_PROXY: 'loopback' }, '', ['--json'])
  t.equal(code, 0)
  const rows = rowsIn(out)
  t.same([...rows.keys()], names)
  t.same(rows.get('TRUST_PROXY'), { value: 'loopback', from: 'environment', default: '(nobody)' })
  t.same(rows.get('SITE_LOGO'), { value: null, from: 'default', default: '(none)' })
})

test('settings names the files of secrets that were made', async (t) => {
  const { folder, out, again } = await settingsIn(t, { DATABASE_URL: 'file:./accounts.db' }, '', ['--json'])
  t.match(rowsIn(out).get('SESSION_SECRET'), { value: null, from: 'default' })
  for (const name of ['session.secret', 'data.key']) writeFileSync(join(folder, name), secret)
  const { out: later } = await again()
  t.match(rowsIn(later).get('SESSION_SECRET'), { value: '(hidden)', from: 'session.secret' })
  t.match(rowsIn(later).get('DATA_KEYS'), { value: '(hidden)', from: 'data.key' })
  t.notMatch(later, secret)
})

test('settings names the file that has a secret', async (t) => {
  const { folder, again, out } = await settingsIn(t, { METRICS_TOKEN_FILE: './token' }, '', ['--json'])
  t.equal(out, '', 'not there yet')
  writeFileSync(join(folder, 'token'), `${secret}\n`)
  const { out: later } = await again()
  t.match(rowsIn(later).get('METRICS_TOKEN'), { value: '(hidden)', from: './token' })
  t.notMatch(later, secret)
})

test('settings never prints a secret, right or wrong', async (t) => {
  const hunter2 = 'hunter2-hunter2-hunter2-hunter2-hunter2'
  const right = {
    SESSION_SECRET: `${hunter2},${hunter2}`,
    PASSWORD_PEPPERS: hunter2,
    DATA_KEYS: hunter2,
    METRICS_TOKEN: hunter2,
    DATABASE_URL: `postgres://me:${hunter2}@db.example.org/x?password=${hunter2}`,
    REDIS_URL: `redis-sentinel://:${hunter2}@a,b/0?sentinelPassword=${hunter2}#sessions`
  }
  const wrong = {
    SESSION_SECRET: 'hunter2',
    PASSWORD_PEPPERS: 'hunter2',
    DATA_KEYS: 'hunter2',
    METRICS_TOKEN: 'hunter2',
    DATABASE_URL: 'postgres:me:hunter2?password=hunter2',
    REDIS_URL: 'hunter2',
    MAIL_URL: 'smtp:me:hunter2',
    PUBLIC_URL: 'https://me:hunter2@example.org',
    TRUSTED_ORIGINS: 'https://me:hunter2@example.org'
  }
  const marked = settings.filter(({ secret }) => secret !== undefined).map(({ name }) => name)
  t.same(Object.keys(wrong).sort(), marked.sort(), 'every setting that may hold one')
  for (const words of [[], ['--json']]) {
    const good = await settingsIn(t, {}, env(right), words)
    t.equal(good.code, 0, good.err)
    t.notMatch(good.out + good.err, 'hunter2')
    t.match(good.out, 'postgres://…@db.example.org/x…')
    t.match(good.out, 'redis-sentinel://…@a,b/0…')
    const socket = { ...right, REDIS_URL: `unix://me:${hunter2}@/run/redis/redis.sock?db=1` }
    const onSocket = await settingsIn(t, socket, '', words)
    t.notMatch(onSocket.out, 'hunter2')
    t.match(onSocket.out, 'unix://…@/run/redis/redis.sock?db=1')
    const bad = await settingsIn(t, wrong, '', words)
    t.equal(bad.code, 1)
    t.notMatch(bad.out + bad.err, 'hunter2')
  }
})

test('wrong settings are printed too, followed by what is wrong with them', async (t) => {
  const { code, out, err } = await settingsIn(t, { PORT: 'x', AUDIT_RETENTON: '5d' })
  t.equal(code, 1)
  t.match(out, /^PORT +x +environment +3000$/m)
  t.match(err, /^Latchkey cannot run with these settings:\n {2}- PORT is "x", it must be a whole number/)
  const misspelt = await settingsIn(t, { AUDIT_RETENTON: '5d' })
  t.match(misspelt, {
    code: 0,
    err: /^AUDIT_RETENTON is not a setting and has no effect. Did you mean AUDIT_RETENTION\?/
  })
})

test('settings --help explains each setting', async (t) => {
  const { code, out } = await settingsIn(t, {}, '', ['--help'])
  t.equal(code, 0)
  t.match(out, /^Usage: latchkey settings /)
  for (const { name, help, default: value } of settings) {
    const words = help.replace(/\[|\]\(.*?\)|`/g, '')
    t.match(out, `\n  ${name}\n    ${words} (by default: ${value ?? ''}`)
  }
  t.notMatch(out, /`|\]\(/, 'without Markdown')
})

function env(variables: object): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join('')
}
