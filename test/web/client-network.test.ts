import t from 'tap'
import { addressIn, networkOf, widerNetworkOf } from '../../src/web/client-network.ts'

t.test('an IPv4 address is a network of its own, even mapped to IPv6', async (t) => {
  t.equal(networkOf('192.0.2.7'), '192.0.2.7')
  t.equal(networkOf('::ffff:192.0.2.7'), '192.0.2.7')
  t.equal(networkOf('::FFFF:c000:207'), '192.0.2.7')
})

t.test('a /64 of IPv6 is one network, in any spelling', async (t) => {
  const place = networkOf('2001:db8:0:7::1')
  t.equal(networkOf('2001:0DB8:0000:0007:ffff:ffff:ffff:ffff'), place)
  t.not(networkOf('2001:db8:0:8::1'), place)
  t.equal(networkOf('fe80::1%eth0'), networkOf('fe80::2'))
})

t.test('a port that a proxy appends does not change the network', async (t) => {
  t.equal(networkOf('192.0.2.7:49152'), networkOf('192.0.2.7'))
  t.equal(networkOf('[2001:db8:0:7::1]:49152'), networkOf('2001:db8:0:7::2'))
  t.equal(networkOf('2001:db8:0:7::1'), networkOf('2001:db8:0:7:0:0:0:443'), 'this is no port')
})

t.test('all that is no address is one network, and is not recorded', async (t) => {
  for (const text of ['', 'unix:/run/latchkey.sock', 'made up', '1.2.3.4.5', 'x'.repeat(9000)]) {
    t.equal(networkOf(text), '')
    t.equal(addressIn(text), undefined)
  }
  for (const address of ['192.0.2.7', '192.0.2.7:49152', '[2001:db8::1]:49152', 'fe80::1%eth0'])
    t.equal(addressIn(address), address)
  t.equal(addressIn(undefined), undefined)
})

t.test('a wider network is what one customer has: a /24, or a /48', async (t) => {
  for (const [from, network] of [
    ['192.0.2.7', '192.0.2.0/24'],
    ['::ffff:192.0.2.7', '192.0.2.0/24'],
    ['192.0.2.7:4711', '192.0.2.0/24'],
    ['2001:db8:5:7::1', '2001:db8:5::/48'],
    ['::1', '0:0:0::/48'],
    ['unix', '']
  ] as const)
    t.equal(widerNetworkOf(from), network, from)
})
