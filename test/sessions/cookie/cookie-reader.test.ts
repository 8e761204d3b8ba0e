import { Signer } from '@fastify/cookie'
import t from 'tap'
import { CookieReader } from '../../../src/sessions/cookie/cookie-reader.ts'
import { MemoizedSigner } from '../../../src/sessions/cookie/signer.ts'

function open() {
  const signer = new MemoizedSigner(new Signer(['the secret of now', 'the secret of then']))
  const taken: string[] = []
  const readValues = (header: string) => {
    taken.push(header)
    return [...header.matchAll(/(?:^|; )ticket=([^;]*)/g)].map(([, value = '']) => decodeURIComponent(value))
  }
  const sent = new CookieReader({
    name: 'ticket',
    signer,
    readValues,
    sessions: { addressOf: (id) => ({ key: `key of ${id}`, secret: undefined }) }
  })
  return { sent, taken, sign: (id: string) => signer.sign(id), ticket: `s:${signer.sign('id')}` }
}

t.test('a header is parsed once', async (t) => {
  const { sent, taken, ticket } = open()
  const header = `a=b; ticket=${ticket}`
  const found = sent.read(header)
  t.match(found, { id: 'id', key: 'key of id', renew: false, signed: ticket.slice(2) })
  t.equal(sent.read(header), found)
  t.same(taken, [header])
  t.equal(sent.read(`ticket=${ticket}; a=c`)?.id, 'id')
  t.equal(taken.length, 2, 'another header is parsed')
})

t.test('headers with the same slot in the cache are distinguished', async (t) => {
  const { sent, taken, sign } = open()
  const headers = ['12345a', '12345b', '12345'].map((id) => `ticket=${encodeURIComponent(`s:${sign(id)}`)}`)
  for (const _ of ['once', 'again'])
    t.same(
      headers.map((header) => sent.read(header)?.id),
      ['12345a', '12345b', '12345']
    )
  t.equal(taken.length, 6, 'one of them at a time is cached')
})

t.test('a token is found anywhere in the header, but not in another cookie', async (t) => {
  const { sent, sign } = open()
  for (const header of [`ticket=s:${sign('id')}`, `other-ticket=s:${sign('no')}; ticket=s:${sign('id')}`]) {
    for (const _ of ['once', 'again']) t.equal(sent.read(header)?.id, 'id')
  }
})

t.test('whether an older secret signed it is cached too', async (t) => {
  const { sent } = open()
  const header = `ticket=s:${new Signer('the secret of then').sign('id')}`
  t.match([sent.read(header), sent.read(header)], [{ renew: true }, { renew: true }])
})

t.test('a forged token has no id and is never cached', async (t) => {
  const { sent, taken, ticket } = open()
  for (const value of [`${ticket}x`, ticket.slice(2), '', 's:']) {
    taken.length = 0
    t.match([sent.read(`ticket=${value}`), sent.read(`ticket=${value}`)], [{ id: '' }, { id: '' }], value)
    t.equal(taken.length, 2)
  }
})

t.test('a header without a token has none', async (t) => {
  const { sent } = open()
  t.same([sent.read(undefined), sent.read(''), sent.read('a=b')], [null, null, null])
})

t.test('a header that is too long for the cache is not cached', async (t) => {
  const { sent, taken, ticket } = open()
  const header = `ticket=${ticket}; a=${'b'.repeat(1000)}`
  t.match([sent.read(header), sent.read(header)], [{ id: 'id' }, { id: 'id' }])
  t.equal(taken.length, 2)
})

t.test('several tokens in one header are all returned, and not cached', async (t) => {
  const { sent, taken, sign } = open()
  const header = `ticket=s:${sign('one')}; ticket=forged; ticket=s:${sign('other')}`
  for (const _ of ['once', 'again'])
    t.match(sent.read(header), { id: 'one', others: [{ id: '' }, { id: 'other', key: 'key of other' }] })
  t.equal(taken.length, 2)
})
