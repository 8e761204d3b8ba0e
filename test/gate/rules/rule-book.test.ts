import { join } from 'node:path'
import t from 'tap'
import { parseRules } from '../../../src/gate/rules/parse-rules.ts'
import { pathReadings } from '../../../src/gate/rules/path-readings.ts'
import type { GateVisitor } from '../../../src/gate/rules/rule.ts'
import { RuleBook } from '../../../src/gate/rules/rule-book.ts'
import { readTextFile } from '../../../src/primitives/text-file.ts'

const visitor = (given: Partial<GateVisitor> & { groups?: string[] } = {}): GateVisitor => ({
  name: 'alice',
  role: 'user',
  groupKeys: new Set(given.groups ?? []),
  proves: () => true,
  ...given
})

function book(text: string): RuleBook {
  const { rules, faults } = parseRules(text)
  t.same(faults, [])
  return new RuleBook(rules)
}

const faultsOf = (text: string) =>
  parseRules(text).faults.map(({ line, column, what }) => `${line}:${column} ${what}`)

interface Asking {
  readonly by?: GateVisitor
  readonly method?: string
  readonly from?: string
}

/** Asks `host/path`. */
function ask(
  rules: RuleBook,
  address: string,
  { by, method = 'GET', from = '192.0.2.1' }: Asking = {}
): string {
  const [, host = '', target = ''] = /^([^/]*)(.*)$/s.exec(address) ?? []
  return rules.decide({ host, target, method, client: { ip: from } }, by).outcome
}

t.test('the first rule that matches decides, and nothing is open without one', async (t) => {
  const rules = book(`
- host: app.example.org
  path: /admin
  who: admin
- app.example.org: [family, user: Bob]
- host: '*.dev.example.org'
  who: signed-in
- www.example.org: anybody
`)
  const bob = visitor({ name: 'bob' })
  const admin = visitor({ role: 'admin' })
  const family = visitor({ groups: ['family'] })
  for (const [address, nobody, bobs, familys, admins] of [
    ['app.example.org/', 'sign-in', 'allow', 'allow', 'deny'],
    ['app.example.org/admin', 'sign-in', 'deny', 'deny', 'allow'],
    ['app.example.org/admin/users', 'sign-in', 'deny', 'deny', 'allow'],
    ['app.example.org/administrators', 'sign-in', 'allow', 'allow', 'deny'],
    ['x.dev.example.org/', 'sign-in', 'allow', 'allow', 'allow'],
    ['x.y.dev.example.org/', 'sign-in', 'allow', 'allow', 'allow'],
    ['dev.example.org/', 'deny', 'deny', 'deny', 'deny'],
    ['www.example.org/x', 'allow', 'allow', 'allow', 'allow'],
    ['other.example.org/', 'deny', 'deny', 'deny', 'deny']
  ] as const)
    t.same(
      [undefined, bob, family, admin].map((by) => ask(rules, address, by && { by })),
      [nobody, bobs, familys, admins],
      address
    )
})

t.test('method, network, factors and time are asked for', async (t) => {
  const rules = book(`
- host: app.example.org
  from: [10.0.0.0/8, 'fd00::/8']
  who: anybody
- host: app.example.org
  method: OPTIONS
  who: anybody
- host: app.example.org
  from: 192.0.2.66
  then: deny
- host: app.example.org
  who: [bad, user: mallory]
  then: deny
- host: app.example.org
  path: [/delete, /users/*/delete, /**/secret]
  method: [POST, get]
  factors: 2
  within: 10m
- app.example.org: signed-in
`)
  const app = 'app.example.org'
  t.equal(ask(rules, `${app}/`, { from: '10.1.2.3' }), 'allow')
  t.equal(ask(rules, `${app}/`, { from: '::ffff:10.1.2.3' }), 'allow')
  t.equal(ask(rules, `${app}/`, { from: 'fd00::1' }), 'allow')
  // Some proxies add the client's port.
  for (const from of ['10.1.2.3:4711', '[fd00::1]:4711', '[::ffff:10.1.2.3]:4711'])
    t.equal(ask(rules, `${app}/`, { from }), 'allow', from)
  t.equal(ask(rules, `${app}/`, { by: visitor(), from: '192.0.2.66:4711' }), 'deny')
  for (const from of [
    '192.0.2.1',
    '192.0.2.1:4711',
    '[2001:db8::1]:4711',
    '2001:db8::1',
    'unix:',
    '',
    '10.1.2.3, 192.0.2.1'
  ])
    t.equal(ask(rules, `${app}/`, { from }), 'sign-in')
  t.equal(ask(rules, `${app}/`, { method: 'OPTIONS' }), 'allow')
  t.equal(ask(rules, `${app}/`, { by: visitor(), from: '192.0.2.66' }), 'deny')
  t.equal(ask(rules, `${app}/`, { by: visitor({ groups: ['bad'] }) }), 'deny')
  t.equal(ask(rules, `${app}/`, { by: visitor({ name: 'Mallory' }) }), 'deny')
  const asked: unknown[] = []
  const by = visitor({ proves: (demand) => asked.push(demand) > 0 && demand.factors === 1 })
  for (const path of ['/delete', '/delete/', '/users/7/delete/now', '/a/b/secret', '/secret']) {
    t.equal(ask(rules, app + path, { by, method: 'POST' }), 'prove', path)
    t.equal(ask(rules, app + path, { by, method: 'HEAD' }), 'prove', path)
    t.equal(ask(rules, app + path, { by, method: 'PUT' }), 'allow', path)
  }
  t.same(asked[0], { factors: 2, within: '10m' })
  for (const path of ['/deleted', '/users/7', '/users/7/8/delete', '/secrets', '/users/delete'])
    t.equal(ask(rules, app + path, { by, method: 'POST' }), 'allow', path)
})

t.test('a map of short forms is a list of rules', async (t) => {
  const rules = book(`app.example.org: family\n'*.example.org': [a, b]\n`)
  t.equal(ask(rules, 'app.example.org/', { by: visitor({ groups: ['a'] }) }), 'deny')
  const named = book('- app.example.org: { group: admin }')
  t.equal(ask(named, 'app.example.org/', { by: visitor({ groups: ['admin'] }) }), 'allow')
  t.equal(ask(named, 'app.example.org/', { by: visitor({ role: 'admin' }) }), 'deny')
  t.equal(ask(rules, 'x.example.org/', { by: visitor({ groups: ['a'] }) }), 'allow')
})

t.test('a path has every reading that an app may have of it', async (t) => {
  for (const [path, reading] of [
    ['/%61dmin', '/admin'],
    ['/%2561dmin', '/admin'],
    ['//admin', '/admin'],
    ['//x/admin', '/admin'],
    ['///x:80/admin', '/admin'],
    ['/\\x/admin', '/admin'],
    ['/%2fx/admin', '/admin'],
    ['//x', '/'],
    ['/x/../admin', '/admin'],
    ['/x/%2e%2e/admin', '/admin'],
    ['/x%2f..%2fadmin', '/admin'],
    ['/./admin', '/admin'],
    ['/x/..;/admin', '/admin'],
    ['/admin;a=b/users', '/admin/users'],
    ['/x\\..\\admin', '/admin'],
    ['/ADMIN', '/admin'],
    ['/admin%3fx', '/admin'],
    ['/admin#x', '/admin'],
    ['/admin.', '/admin'],
    ['/admin%20', '/admin'],
    ['/admin. .', '/admin'],
    ['/admin/x/...', '/admin/'],
    ['/admin/.../x', '/admin/x'],
    ['/admin::$DATA', '/admin'],
    ['/admin:$i30:$Index_Allocation/x', '/admin/x'],
    ['/admin%3a%3a%24data', '/admin'],
    ['/a//../admin', '/admin'],
    ['/x/.././admin/', '/admin/'],
    ['/ａdmin', '/admin'],
    ['/%EF%BD%81dmin', '/admin']
  ] as const) {
    const readings = pathReadings(path)
    t.ok([...(readings?.exact ?? []), ...(readings?.folded ?? [])].includes(reading), path)
  }
  for (const path of [
    '',
    'admin',
    '*',
    'http://app/admin',
    '/%',
    '/%zz',
    '/%u002e',
    '/%c0%ae',
    '/%ff',
    '/a%00',
    '/a%0a',
    '/\ud800',
    `/${'a'.repeat(5000)}`,
    '/a'.repeat(257),
    '/'.repeat(257),
    `/${'a%2f'.repeat(257)}`,
    `/%${'25'.repeat(200)}41`
  ])
    t.equal(pathReadings(path), undefined, path.slice(0, 20))
  for (const path of [
    '/',
    '/a',
    '/a/',
    '/a.b/c-d_e~f',
    '/@me/x:y,z+(1)',
    '/a%20b',
    '/%C3%BC',
    '/.well-known/x',
    '/v1/things:$batch',
    '/a'.repeat(256)
  ])
    t.equal(pathReadings(path)?.exact.length, 1, path)
})

t.test('every fault is told at once, with line and column', async (t) => {
  t.same(
    faultsOf(`- host: app.example.org:8443
  pathes: /admin
  path: admin
- host: app.example.org
  path: [/a%20b, /a**]
  method: 'G T'
  from: everywhere
  who: { users: [alice], people: x }
  factors: 3
  within: soon
  then: perhaps
- who: family
- just a word
- host: b.example.org
  who: anybody
  within: 10m
- c.example.org: [anybody, family]
- host:
`),
    [
      '1:9 host is "app.example.org:8443", it must be without a port: a rule is about every port',
      '2:3 a rule has no "pathes": did you mean path?',
      '3:9 path is "admin", it must begin with a slash, such as /admin',
      '5:10 path is "/a%20b", it must be the path as people read it: without a query, %, ; or \\',
      '5:18 path is "/a**", and ** stands for whole segments: /**/private',
      `6:11 method is "G T", it must be a method such as GET or POST`,
      '7:9 from is "everywhere", it must be an address or a network: 192.0.2.7, 192.168.0.0/16, 2001:db8::/32, uniquelocal',
      '8:26 who has "people", it can have users and groups',
      '9:12 factors is "3", it must be 1, 2 or phishing-resistant',
      '10:11 within is "soon", it must be a duration such as 45s, 30m, 12h or 30d, of at most 400d',
      '11:9 then is "perhaps", it must be allow or deny',
      "12:3 host is missing: write host: '*' for a rule of every host",
      '13:3 this is no rule: it must begin with a host, such as host: app.example.org',
      '16:11 within is of no use here: it needs a rule that allows people who are signed in',
      '17:18 who has anybody, so the others make no difference',
      '18:8 host is empty'
    ]
  )
  t.same(faultsOf('- *.example.org: family\n'), [
    "1:3 *.example.org begins with *, so it has to be in quotes: '*.example.org'"
  ])
  t.same(book('- host: *.example.org\n').rules[0]?.hosts, ['*.example.org'], 'here there is no doubt')
  for (const text of ['', '[]', 'word', '# nothing\n'])
    t.match(faultsOf(text), [/^1:1 there is no list of rules/], text)
  for (const who of ['[]', '{}', '{ users: [] }', '[family, { groups: [] }]', '{ user }', ''])
    for (const then of ['allow', 'deny'])
      t.match(faultsOf(`- { host: a.org, who: ${who}, then: ${then} }`), [/^1:\d+ who is empty$/], who)
  for (const text of ['- { host: a.org, who }', '- { a.org }', '- ? a.org'])
    t.match(faultsOf(text), [/^1:\d+ who is empty$/], text)
  for (const key of ['constructor', '__proto__'])
    t.match(faultsOf(`- { host: a.org, who: { ${key}: bob } }`), [/ it can have users and groups$/], key)
  t.match(faultsOf('- host: [a\n'), [/^\d+:\d+ this is no valid YAML \(/])
})

t.test('a rule that no request gets to is a fault', async (t) => {
  t.same(faultsOf('- app.example.org: family\n- app.example.org: friends\n'), [
    '2:1 no request gets to this rule, because the rule in line 1 decides before: write one rule with who: [family, friends]'
  ])
  t.match(faultsOf("- '*.example.org': family\n- { host: app.example.org, path: /admin, who: admin }\n"), [
    /^2:1 .* line 1 decides before: put this one before it$/
  ])
  for (const text of [
    '- { host: a.org, from: 10.0.0.0/8, who: anybody }\n- a.org: x\n',
    '- { host: a.org, method: GET, who: anybody }\n- a.org: x\n',
    '- { host: a.org, path: /a, who: anybody }\n- { host: a.org, path: [/a/b, /c] }\n',
    '- { host: a.org, who: bad, then: deny }\n- a.org: x\n'
  ])
    t.same(faultsOf(text), [], text)
})

t.test('the rules in docs/gate.md are right, and do what it says of them', async (t) => {
  const document = readTextFile(join(import.meta.dirname, '../../../docs/gate.md'))
  const blocks = [...document.matchAll(/```yaml\n([^`]*?)```/g)].map(([, text = '']) => text)
  const written = blocks.filter((text) => /^- /m.test(text) && !text.includes('entryPoints'))
  t.equal(written.length, 4)
  const [apps, shop, vault, tinyauth] = written.map(book)
  if (!apps || !shop || !vault || !tinyauth) return
  const [anybody, family, bob] = [visitor(), visitor({ groups: ['family'] }), visitor({ name: 'bob' })]
  const admin = visitor({ role: 'admin', groups: ['admins'], proves: ({ factors }) => factors !== 2 })
  const late = visitor({ proves: ({ within }) => within === undefined })
  const atHome = { from: '192.168.1.7' }
  for (const [rules, address, asking, outcome] of [
    [apps, 'www.example.org/', {}, 'allow'],
    [apps, 'app.example.org/', { by: family }, 'allow'],
    [apps, 'app.example.org/', { by: bob }, 'deny'],
    [apps, 'wiki.example.org/', { by: bob }, 'allow'],
    [shop, 'shop.example.org/admin', { by: anybody, ...atHome }, 'deny'],
    [shop, 'shop.example.org/admin', { by: admin }, 'prove'],
    [shop, 'shop.example.org/orders/7/refund', { by: late, ...atHome }, 'prove'],
    [shop, 'shop.example.org/', atHome, 'allow'],
    [shop, 'shop.example.org/', {}, 'sign-in'],
    [vault, 'vault.example.org/', {}, 'allow'],
    [vault, 'vault.example.org/admin/x', { by: family }, 'deny'],
    [vault, 'vault.example.org/admin', { by: admin }, 'prove'],
    [tinyauth, 'app.example.org/public/x', { by: visitor({ name: 'mallory' }) }, 'deny'],
    [tinyauth, 'app.example.org/public/x', {}, 'allow'],
    [tinyauth, 'app.example.org/', { from: '10.1.1.1' }, 'allow'],
    [tinyauth, 'app.example.org/', { by: bob }, 'allow'],
    [tinyauth, 'app.example.org/', { by: visitor({ name: 'carol' }), from: '11.1.1.1' }, 'deny']
  ] as const)
    t.equal(ask(rules, address, asking), outcome, `${address} ${JSON.stringify(asking)}`)
})
