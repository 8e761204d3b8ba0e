import { createRequire } from 'node:module'
import Fastify from 'fastify'
import t from 'tap'
import { trustProxies } from '../../src/web/trusted-proxies.ts'

/** What Fastify makes of a list. */
const { compile } = createRequire(import.meta.resolve('fastify'))('@fastify/proxy-addr') as {
  compile: (proxies: string[]) => (address: string, hop: number) => boolean
}

const settings = [
  ['127.0.0.1'],
  ['10.0.0.0/8', '192.0.2.7'],
  ['loopback'],
  ['linklocal', 'uniquelocal'],
  ['2001:db8::/32', '::1'],
  ['::ffff:10.0.0.0/104'],
  ['::ffff:192.0.2.7'],
  ['::ffff:192.0.2.7/128', '2001:db8::1']
]
const addresses = [
  ...[
    '127.0.0.1',
    '127.9.9.9',
    '10.1.2.3',
    '11.1.2.3',
    '192.0.2.7',
    '192.0.2.8',
    '169.254.1.1',
    '172.16.0.1'
  ],
  ...[
    '172.32.0.1',
    '192.168.1.1',
    '::1',
    '::2',
    '2001:db8::1',
    '2001:DB8:1::',
    '2001:db9::1',
    'fe80::1',
    'fc00::1'
  ],
  ...['::ffff:10.1.2.3', '::ffff:11.1.2.3', '::ffff:c000:207', '::ffff:127.0.0.1', '64:ff9b::192.0.2.7'],
  ...['', 'unknown', '10.1.2.3:443', '[::1]', ' 10.1.2.3', '10.1.2.3.4', '256.0.0.1', '_hidden', '10.0.0.0/8']
]

for (const proxies of settings)
  t.test(`${proxies} are the addresses that Fastify would trust`, async (t) => {
    const [ours, fastifys] = [trustProxies(proxies), compile(proxies)]
    for (const address of addresses) t.equal(ours(address, 0), fastifys(address, 0), address)
  })

t.test('no form of an address is believed that only some programs read', async (t) => {
  const trusts = trustProxies(['10.0.0.0/8', '127.0.0.1'])
  for (const address of ['10.1', '0x0a.1.1.1', '012.1.1.1', '167772161', '127.1'])
    t.notOk(trusts(address, 0), address)
})

t.test('no more proxies are looked at than a request passes', async (t) => {
  const trusts = trustProxies(['127.0.0.1', '10.0.0.0/8'])
  let asked = 0
  const trustProxy = (address: string, hop: number) => {
    asked += 1
    return trusts(address, hop)
  }
  const app = Fastify({ trustProxy })
  app.get('/', async ({ ip }) => ip)
  const from = async (...hops: string[]) =>
    (await app.inject({ url: '/', headers: { 'x-forwarded-for': hops.join() } })).body
  const proxies = Array.from({ length: 1000 }, (_, hop) => `10.1.1.${hop % 200}`)
  t.equal(await from('203.0.113.5', ...proxies.slice(0, 15)), '203.0.113.5')
  t.equal(asked, 16)
  asked = 0
  t.equal(await from('203.0.113.5', ...proxies), proxies[1000 - 16], 'the nearest that is not looked through')
  t.ok(asked < 20, `${asked} were asked about`)
})
