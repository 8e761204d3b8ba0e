import { Signer } from '@fastify/cookie'
import t from 'tap'
import { SessionTokens } from '../../../src/sessions/cookie/session-tokens.ts'

function open(now = () => 0) {
  const signer = new Signer(['the secret of now', 'the secret of then'])
  const taken: string[] = []
  const readValues = (header: string) => {
    taken.push(header)
    return [...header.matchAll(/(?:^|; )ticket=([^;]*)/g)].map(([, value = '']) => decodeURIComponent(value))
  }
  const asked: string[] = []
  const sent = new SessionTokens({
    name: 'ticket',
    signer: {
      sign: (id) => signer.sign(id),
      unsign: (signed) => {
        asked.push(signed)
        return signer.unsign(signed)
      }
    },
    readValues,
    addressOf: (id) => ({ key: `key of ${id}`, secret: `secret of ${id}` }),
    now
  })
  return { sent, taken, asked, sign: (id: string) => signer.sign(id), ticket: `s:${signer.sign('id')}` }
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

t.test('what is known of a token that a browser sends is not worked out again', async (t) => {
  const { sent, asked, sign } = open()
  const signed = sign('12345.a')
  const token = sent.read(`ticket=${encodeURIComponent(`s:${signed}`)}`)
  asked.length = 0
  t.same(sent.unsign(signed), { valid: true, renew: false, value: '12345.a' })
  t.same(asked, [])
  t.equal(sent.sign('12345.a'), signed)
  t.equal(sent.addressOf('12345.a'), token)
})

t.test('an id, a signature and a secret that differ in one character are another’s', async (t) => {
  const { sent, sign } = open()
  const signed = sign('12345.a')
  const header = `ticket=${encodeURIComponent(`s:${signed}`)}`
  sent.read(header)
  t.match(sent.addressOf('12345.b'), { key: 'key of 12345.b', secret: 'secret of 12345.b' })
  t.equal(sent.sign('12345.b'), sign('12345.b'))
  const forged = `12345.b${signed.slice('12345.a'.length)}`
  t.match(sent.unsign(forged), { valid: false, value: null })
  t.match(sent.read(`ticket=${encodeURIComponent(`s:${forged}`)}`), { id: '', key: '', secret: undefined })
  for (const wrong of ['', `${signed}x`, signed.slice(0, -1)]) t.equal(sent.unsign(wrong).valid, false, wrong)
})

t.test('a token that an older secret signed is signed anew', async (t) => {
  const { sent, sign } = open()
  const old = new Signer('the secret of then').sign('12345.a')
  sent.read(`ticket=${encodeURIComponent(`s:${old}`)}`)
  t.match(sent.unsign(old), { valid: true, renew: true, value: '12345.a' })
  t.equal(sent.sign('12345.a'), sign('12345.a'))
})

t.test('a token is superseded for a minute, whatever header it comes in', async (t) => {
  let time = 0
  const { sent, sign } = open(() => time)
  const signed = sign('12345.a')
  const read = (more = '') => sent.read(`ticket=${encodeURIComponent(`s:${signed}`)}${more}`)
  const token = read()
  if (!token) throw new Error('no token')
  t.notOk(sent.isSuperseded(token))
  sent.supersede(token)
  t.same([sent.isSuperseded({ signed }), sent.isSuperseded({ signed: sign('12345.b') })], [true, false])
  time = 59_999
  t.ok(read('; another=cookie') && sent.isSuperseded({ signed }))
  time = 60_000
  t.notOk(sent.isSuperseded({ signed }))
})

t.test('a token with a wrong signature can be superseded, and opens nothing by that', async (t) => {
  const { sent } = open()
  const token = sent.read('ticket=s:12345.forged')
  if (!token) throw new Error('no token')
  sent.supersede(token)
  t.ok(sent.isSuperseded({ signed: '12345.forged' }))
  t.match(sent.read('ticket=s:12345.forged'), { id: '', key: '' })
  t.equal(sent.unsign('12345.forged').valid, false)
})

t.test('many superseded tokens take no more memory than a bounded number', async (t) => {
  const { sent, sign } = open()
  const read = (id: string) => sent.read(`ticket=${encodeURIComponent(`s:${sign(id)}`)}`)
  const first = read('first')
  if (!first) throw new Error('no token')
  sent.supersede(first)
  for (let number = 10_000; number < 30_000; number += 1) {
    const token = { ...first, signed: `${String(number)}.x` }
    sent.supersede(token)
  }
  t.same([sent.isSuperseded(first), sent.isSuperseded({ signed: '29999.x' })], [false, true])
})
