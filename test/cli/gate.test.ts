import { join } from 'node:path'
import { test } from 'tap'
import { commandIn, password } from './command.ts'

const rules = `
- { host: app.example.org, path: /admin, who: admin }
- { host: app.example.org, path: /pay, method: POST, who: family, factors: 2, within: 10m }
- { host: app.example.org, from: 10.0.0.0/8, who: anybody }
- app.example.org: [family, user: bob]
`

test('gate shows the rules, which of them decides, and what the app gets', async (t) => {
  const folder = t.testdir({ 'gate.yaml': rules })
  const file = join(folder, 'gate.yaml')
  const env = {
    ...process.env,
    DATABASE_URL: `file:${folder}/latchkey.db`,
    PUBLIC_URL: 'https://login.example.org',
    COOKIE_DOMAIN: 'example.org',
    GATE_HOSTS: 'app.example.org'
  }
  const latchkey = commandIn(t, { ...env, GATE_RULES: file })
  const check = async (...words: string[]) => (await latchkey(['gate', 'check', ...words])).out
  await latchkey(['users', 'add', 'alice'], password)
  await latchkey(['groups', 'add', 'family'])
  const app = 'https://app.example.org'

  const { out: table } = await latchkey(['gate', 'rules'])
  t.match(
    table,
    /^LINE +HOST +PATH +METHOD +FROM +WHO +FACTORS +WITHIN +ANSWER\n2 +app\.example\.org +\/admin +- +- +admin +- +- +allow$/m
  )
  t.match(table, /^3 +app\.example\.org +\/pay +POST +- +family +2 +10m +allow$/m)
  t.match(table, /^5 +app\.example\.org +- +- +- +family, user bob +- +- +allow$/m)

  t.match(await check(`${app}/`), 'a visitor has to sign in first (401).')
  t.match(await check(`${app}/`, '--from', '10.1.2.3'), 'a visitor may pass. Line 4')
  t.match(await check(`${app}/`, '--from', '10.1.2.3'), 'The app gets no name.')
  t.match(await check(`${app}/`, '--user', 'alice'), 'alice is refused (403). Line 5')
  await latchkey(['users', 'group', 'alice', '--add', 'family'])
  t.match(
    await check(`${app}/`, '--user', 'alice'),
    /alice may pass\. Line 5 .* The app gets X-Auth-Id: \S+, Remote-User: alice, Remote-Groups: family\./
  )
  t.equal(
    await check(`${app}/x/..%2FADMIN`, '--user', 'Alice'),
    `${app}/x/..%2FADMIN: alice is refused (403). Line 2 of ${file} decides: allow admin. An app may read the path as /admin, and the strictest reading counts.\n`
  )
  t.match(
    await check(`${app}/pay`, '--user', 'alice', '--method', 'POST'),
    'alice may pass with 2 factors, proved within 10m.'
  )
  t.match(
    await check('https://other.example.org/', '--user', 'alice'),
    'alice is refused (403). No rule matches, and what no rule allows is refused.'
  )
  t.match(await check(`${app}/%zz`, '--user', 'alice'), 'No rule decides: the path cannot be read.')
  const json = (await latchkey(['--json', 'gate', 'check', `${app}/admin`, '--user', 'alice'])).out
  t.same(JSON.parse(json), {
    outcome: 'deny',
    line: 2,
    path: '/admin',
    factors: 1,
    within: null,
    headers: {}
  })

  t.match(
    (await latchkey(['gate', 'check', 'app.example.org'])).err,
    'app.example.org is no address: write it as https://'
  )
  t.match(
    (await latchkey(['gate', 'check', `${app}/`, '--user', 'carol'])).err,
    'There is no account with the name carol.'
  )
  await latchkey(['users', 'disable', 'alice'])
  t.match(
    (await latchkey(['gate', 'check', `${app}/`, '--user', 'alice'])).err,
    'alice is disabled, and to the gate a visitor: leave out --user.'
  )
  const without = commandIn(t, env)
  t.equal(
    (await without(['gate', 'rules'])).out,
    'GATE_RULES is not set: whoever is signed in may use every app.\n'
  )
  t.match(
    (await without(['gate', 'check', `${app}/`])).out,
    'a visitor has to sign in first (401). GATE_RULES is not set'
  )
  const wrong = await commandIn(t, { ...env, GATE_HOSTS: 'wiki.example.org', GATE_RULES: file })([
    'gate',
    'rules'
  ])
  t.equal(wrong.code, 1)
  t.match(wrong.err, `GATE_RULES ${file}, line 2: app.example.org is not in GATE_HOSTS`)
})
