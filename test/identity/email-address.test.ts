import fc from 'fast-check'
import t from 'tap'
import { message } from '../../src/i18n/texts.ts'
import { addressKey, checkAddress } from '../../src/identity/email-address.ts'

t.test('an address is stored as typed, its host in ASCII and lower case', async (t) => {
  const addresses = {
    'alice@example.org': 'alice@example.org',
    ' Alice.Liddell+news@Example.ORG ': 'Alice.Liddell+news@example.org',
    "o'brien_{2}~!#$%&*/=?^`|-@sub.example.co.uk": "o'brien_{2}~!#$%&*/=?^`|-@sub.example.co.uk",
    'jürgen@bücher.example': 'jürgen@xn--bcher-kva.example',
    'ju\u0308rgen@BU\u0308CHER.example': 'jürgen@xn--bcher-kva.example',
    '山田@例え。テスト': '山田@xn--r8jz45g.xn--zckzah',
    'alice@localhost': 'alice@localhost',
    'a@1.2.example': 'a@1.2.example'
  }
  for (const [typed, address] of Object.entries(addresses))
    t.match(checkAddress(typed), { ok: true, address }, typed)
})

t.test('dots and plus signs make another address, capitals do not', async (t) => {
  const same = (one: string, other: string) => addressKey(one) === addressKey(other)
  t.ok(same('Alice@Example.org', 'aLICE@eXAMPLE.ORG'))
  t.ok(same('ΣΊΣΥΦΟΣ@example.org', 'σίσυφος@example.org'))
  t.ok(same('a@faß.example', 'a@xn--fa-hia.example'))
  t.notOk(same('alice@example.org', 'a.lice@example.org'))
  t.notOk(same('alice@example.org', 'alice+x@example.org'))
  t.notOk(same('alice@faß.example', 'alice@fass.example'))
})

t.test('letters that only have a capital in common are other letters', async (t) => {
  const pairs = ['mıke@example.org mike@example.org', 'mİke@example.org mike@example.org']
  const more = ['ſam@example.org sam@example.org', 'mike@gıthub.example mike@github.example']
  for (const pair of [...pairs, ...more]) {
    const [one = '', other = ''] = pair.split(' ').map((address) => addressKey(address) ?? '')
    t.not(one, '', pair)
    t.not(one, other, pair)
  }
})

t.test('what is no mailbox is refused', async (t) => {
  const texts = [
    'alice',
    '@example.org',
    'alice@',
    'alice@@example.org',
    'alice@example.org@example.com',
    '@'
  ]
  const names = ['Alice <alice@example.org>', '<alice@example.org>', 'alice@example.org, bob@example.org']
  const quoted = ['"a b"@example.org', 'a b@example.org', 'alice(x)@example.org', 'alice@example.org;bob']
  const dots = ['.alice@example.org', 'alice.@example.org', 'a..b@example.org', 'alice@example..org']
  const hosts = ['alice@example', 'alice@example.org.', 'alice@-example.org', 'alice@example_x.org']
  const decoded = ['alice@ex%61mple.org', 'alice@example.org/x', 'alice@example.org:25', 'alice@a\u00adb.org']
  const numbers = [
    'alice@127.0.0.1',
    'alice@0x7f.1',
    'alice@[127.0.0.1]',
    'alice@[IPv6:::1]',
    'alice@example.1'
  ]
  const lines = ['alice@example.org\r\nBcc: bob@example.org', 'al\r\nice@example.org', 'alice\0@example.org']
  const unseen = [
    'al\u200dice@example.org',
    'al\u202eice@example.org',
    'al\u00adice@example.org',
    'al\ud83eice@x.org'
  ]
  const all = [...texts, ...names, ...quoted, ...dots, ...hosts, ...decoded, ...numbers, ...lines, ...unseen]
  for (const text of all) {
    t.same(checkAddress(text), { ok: false, reason: message('email.invalid') }, JSON.stringify(text))
    t.equal(addressKey(text), undefined)
  }
  t.same(checkAddress('  '), { ok: false, reason: message('email.missing') })
})

t.test('the lengths are those of RFC 5321, in bytes', async (t) => {
  const tooLong = { ok: false, reason: message('email.tooLong') }
  const host = [63, 63, 61].map((length) => 'x'.repeat(length)).join('.')
  t.match(checkAddress(`${'a'.repeat(64)}@${host}`), { ok: true })
  t.same(checkAddress(`${'a'.repeat(65)}@example.org`), tooLong)
  t.same(checkAddress(`${'ü'.repeat(33)}@example.org`), tooLong)
  t.same(checkAddress(`${'a'.repeat(64)}@x.${host}`), tooLong)
  t.same(checkAddress(`a@${'x'.repeat(64)}.org`), { ok: false, reason: message('email.invalid') })
  t.same(checkAddress('a'.repeat(1_000_000)), tooLong)
})

t.test('of any text: an address has no line break, and is its own key’s', async (t) => {
  const part = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...'aAıİſKςΣßẞüÜ\u0308.+-\r\n "<>,\u00ad@') })
  )
  const holds = () =>
    fc.assert(
      fc.property(part, fc.oneof(part, fc.domain()), (local, host) => {
        const check = checkAddress(`${local}@${host}`)
        if (!check.ok) return true
        const again = checkAddress(check.address)
        const isStable = again.ok && again.address === check.address && again.key === check.key
        return (
          isStable &&
          addressKey(check.key) === check.key &&
          /^[^\s<>,;:"()[\]\\\p{Cc}]+$/u.test(check.address)
        )
      }),
      { numRuns: 500 }
    )
  t.doesNotThrow(holds)
})
