import fc from 'fast-check'
import { createTransport } from 'nodemailer'
import PostalMime from 'postal-mime'
import t from 'tap'
import { checkAddress } from '../../src/identity/email-address.ts'
import { composed } from '../../src/mail/compose.ts'
import { strangeText } from '../strange-text.ts'

const transport = createTransport({ streamTransport: true, buffer: true })
const headers = [
  ...['auto-submitted', 'content-transfer-encoding', 'content-type', 'date', 'from', 'message-id'],
  ...['mime-version', 'subject', 'to', 'x-auto-response-suppress']
]
const breaking = fc.constantFrom(
  ...[
    '\r\nBcc: eve@example.net',
    '\nSubject: x\n\nBody',
    '\r\n.\r\nMAIL FROM:<x@y.z>',
    '\u2028To: eve@example.net'
  ],
  ...[
    '" <eve@example.net>, "',
    '=?utf-8?q?=0D=0ABcc:_eve@example.net?=',
    ', eve@example.net',
    '\0',
    '\\',
    '%0d%0aBcc: e@e.e'
  ]
)
const text = fc
  .array(fc.oneof(breaking, strangeText({ maxLength: 20 })), { maxLength: 4 })
  .map((parts) => parts.join(''))
/** What a person may have typed as their address, as far as it is one. */
const address = fc
  .array(fc.constantFrom(..."aB1.+%=!#/?{|}~^`$&*-'_ü"), { minLength: 1, maxLength: 12 })
  .map((letters) => checkAddress(`${letters.join('')}@bücher.example`))
  .filter((check) => check.ok)
  .map(({ address }) => address)

t.test(
  'no name of a site or a person, no subject, text or address adds a header or a recipient',
  async (t) => {
    const mail = fc.record({ site: text, subject: text, body: text, to: address })
    const property = fc.asyncProperty(mail, async ({ site, subject, body, to }) => {
      const id = 'RBDBa3UsNewlv4raHicLhQ'
      const outgoing = composed(
        { id, to, at: 0, subject, text: body },
        { name: site, address: 'no-reply@example.org' }
      )
      const { envelope, message } = await transport.sendMail(outgoing)
      const read = await PostalMime.parse(message as Buffer)
      const wrong = [
        !isSubset(read.headers.map(({ key }) => key)) && 'headers',
        !same([envelope.from || '', ...envelope.to].map(plain), ['no-reply@example.org', to]) && 'envelope',
        !same(
          read.to?.map((each) => plain(each.address ?? '')),
          [to]
        ) && 'recipient',
        (read.cc ?? read.bcc ?? read.replyTo) && 'further recipients',
        read.from?.address !== 'no-reply@example.org' && 'sender',
        /[\r\n]/.test(read.subject ?? '') && 'subject',
        read.messageId !== `<${id}@example.org>` && 'id'
      ].filter(Boolean)
      if (wrong.length > 0) throw new Error(`${wrong}: ${message}`)
    })
    await fc.assert(property, { numRuns: 300 })
    t.pass()
  }
)

t.test('text in any script arrives as it is', async (t) => {
  const outgoing = composed(
    {
      id: 'x',
      to: 'jürgen@example.org',
      at: 0,
      subject: 'Grüße 🔑 an Søren',
      text: 'Größe\n.\n日本\n',
      language: 'de'
    },
    { name: 'Bücher & "Co", Inc.', address: 'a@example.org' }
  )
  const { message } = await transport.sendMail(outgoing)
  t.match(await PostalMime.parse(message as Buffer), {
    subject: 'Grüße 🔑 an Søren',
    text: 'Größe\n.\n日本\n',
    from: { name: 'Bücher & "Co", Inc.', address: 'a@example.org' },
    to: [{ address: 'jürgen@example.org' }]
  })
})

/** With the host in ASCII. */
function plain(address: string): string {
  const check = checkAddress(address)
  return check.ok ? check.address : `none: ${address}`
}

/** Each header at most once; an empty subject has none. */
function isSubset(keys: readonly string[]): boolean {
  return new Set(keys).size === keys.length && keys.every((key) => headers.includes(key))
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
