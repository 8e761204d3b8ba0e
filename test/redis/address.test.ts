import t, { type Test } from 'tap'
import { parseRedisAddress } from '../../src/redis/address.ts'

function refuses(t: Test, values: string[], message: string) {
  for (const value of values) t.throws(() => parseRedisAddress(value), { message }, value)
}

t.test('one Redis: the address is passed to ioredis unchanged', async (t) => {
  for (const url of [
    'redis://localhost',
    'redis://u:p@[::1]:7000/3',
    'rediss://:p@redis.example.org/0?family=6'
  ]) {
    t.same(parseRedisAddress(url), { kind: 'single', url })
  }
  refuses(
    t,
    [
      '',
      'redis',
      'redis://',
      'redis://:6379',
      'redis://a:99999',
      'redis://a:1,b:2',
      'redis://a,b',
      'http://a',
      'Redis:/a'
    ],
    'is not a Redis address, it must be written like redis://user:password@localhost:6379/0'
  )
})

t.test('one Redis: addresses that break ioredis or set its options are refused', async (t) => {
  const rule = 'it must be written like redis://user:password@localhost:6379/0'
  refuses(
    t,
    ['redis://:TOP%SECRET@host', 'redis://%ff:p@host'],
    `has a % that does not begin a percent-encoded character, ${rule}`
  )
  refuses(
    t,
    ['redis://host/x', 'redis://host/0/1', 'redis://host/-1'],
    `has a database that is not a number, ${rule}`
  )
  refuses(
    t,
    ['redis://host?retryStrategy=x', 'redis://host?family=x', 'redis://host?db=1'],
    `has an option other than family=4 and family=6, ${rule}`
  )
})

t.test('Sentinels: hosts alone are enough', async (t) => {
  t.same(parseRedisAddress('redis-sentinel://a,b:26380,10.0.0.1'), {
    kind: 'sentinel',
    endpoints: [
      { host: 'a', port: 26_379 },
      { host: 'b', port: 26_380 },
      { host: '10.0.0.1', port: 26_379 }
    ],
    masterName: 'mymaster',
    database: 0,
    tls: false,
    credentials: {},
    sentinelCredentials: {}
  })
})

t.test('Sentinels: credentials, database, master and TLS', async (t) => {
  const address =
    'rediss-sentinel://alice:p%40s:s@[fe80::1]:1,[::1]/15?sentinelUsername=s&sentinelPassword=a%26b#my%20master'
  t.same(parseRedisAddress(address), {
    kind: 'sentinel',
    endpoints: [
      { host: 'fe80::1', port: 1 },
      { host: '::1', port: 26_379 }
    ],
    masterName: 'my master',
    database: 15,
    tls: true,
    credentials: { username: 'alice', password: 'p@s:s' },
    sentinelCredentials: { username: 's', password: 'a&b' }
  })
})

t.test('a Cluster: hosts, credentials and TLS', async (t) => {
  t.same(parseRedisAddress('redis-cluster://node-1.example.org:7000,node_2'), {
    kind: 'cluster',
    endpoints: [
      { host: 'node-1.example.org', port: 7000 },
      { host: 'node_2', port: 6379 }
    ],
    tls: false,
    credentials: {}
  })
  t.match(parseRedisAddress('rediss-cluster://alice:pw@a/'), {
    tls: true,
    credentials: { username: 'alice', password: 'pw' }
  })
  t.same(parseRedisAddress('redis-cluster://a/0'), parseRedisAddress('redis-cluster://a'))
})

t.test('a password needs no user, and an empty part counts as left out', async (t) => {
  t.match(parseRedisAddress('redis-cluster://:pw@a'), { credentials: { password: 'pw' } })
  for (const empty of ['@a', 'a/', 'a?', 'a#', '@a/?#', 'a/?sentinelPassword=#']) {
    t.same(parseRedisAddress(`redis-sentinel://${empty}`), parseRedisAddress('redis-sentinel://a'), empty)
  }
})

for (const kind of ['sentinel', 'cluster'] as const) {
  const example = {
    sentinel: 'it must be written like redis-sentinel://user:password@h1:26379,h2:26379/0#mymaster',
    cluster: 'it must be written like redis-cluster://user:password@h1:6379,h2:6379'
  }[kind]
  const of = (rests: string[]) => rests.map((rest) => `redis-${kind}://${rest}`)

  t.test(`${kind}: every host and port must be valid`, async (t) => {
    const wrong = [
      '',
      ',',
      'a,',
      ',a',
      'a,,b',
      'a b',
      'a, b',
      'u:p@',
      'u:p@x@a',
      'a:',
      'a:x',
      'a:0',
      'a:65536',
      'a:1:2'
    ]
    const wrongV6 = ['::1', '[::1', '[]', '[a]:1', '[10.0.0.1]', '[::1]x', '[::1]:']
    refuses(t, of([...wrong, ...wrongV6]), `has an invalid host or port, ${example}`)
  })

  t.test(`${kind}: credentials are a password, with or without a user`, async (t) => {
    refuses(t, of(['u@a', 'u:@a', ':@a']), `has a user and no password, ${example}`)
  })

  t.test(`${kind}: percent-encoded parts must be decodable`, async (t) => {
    const rule = `has a % that does not begin a percent-encoded character, ${example}`
    refuses(t, of(['u:50%@a', '%zz:p@a']), rule)
  })
}

t.test(
  'Sentinels: the database is a number, and the only options are the Sentinels’ credentials',
  async (t) => {
    const example = 'it must be written like redis-sentinel://user:password@h1:26379,h2:26379/0#mymaster'
    const databases = ['x', '-1', '1.5', '0/0', '123456'].map((database) => `redis-sentinel://a/${database}`)
    refuses(t, databases, `has a database that is not a number, ${example}`)
    const options = ['password=x', 'family=6', 'sentinelpassword=x', 'x'].map(
      (one) => `redis-sentinel://a?${one}`
    )
    refuses(t, options, `has an option other than sentinelUsername and sentinelPassword, ${example}`)
  }
)

t.test('a Cluster: there is one database, no master name and no options', async (t) => {
  const example = 'it must be written like redis-cluster://user:password@h1:6379,h2:6379'
  refuses(t, ['redis-cluster://a/1'], `names a database, but a Cluster has only one, ${example}`)
  refuses(t, ['redis-cluster://a#b', 'redis-cluster://a?b=c'], `has something after its hosts, ${example}`)
})

t.test('a Unix socket: a path, credentials and the number of a database', async (t) => {
  const path = '/run/redis/redis.sock'
  const plain = { kind: 'socket', path, database: 0, credentials: {} }
  t.same(parseRedisAddress(`unix:${path}`), plain)
  t.same(parseRedisAddress(`unix://${path}`), plain)
  t.same(parseRedisAddress(`unix://alice:p%40s@/run/a%20b.sock?db=15`), {
    kind: 'socket',
    path: '/run/a b.sock',
    database: 15,
    credentials: { username: 'alice', password: 'p@s' }
  })
  const example = 'it must be written like unix://user:password@/run/redis/redis.sock?db=0'
  refuses(
    t,
    ['unix:', 'unix:redis.sock', 'unix://', 'unix:///', 'unix:///run/', 'unix://run/redis.sock', 'unix:/a#b'],
    `has no path of a socket, ${example}`
  )
  refuses(
    t,
    ['unix:/a?db=x', 'unix:/a?db=', 'unix:/a?db=123456'],
    `has a database that is not a number, ${example}`
  )
  refuses(
    t,
    ['unix:/a?password=x', 'unix:/a?x&db=1'],
    `has an option other than db, the number of a database, ${example}`
  )
  refuses(t, ['unix://u@/a'], `has a user and no password, ${example}`)
})
