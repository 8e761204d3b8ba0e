import t from 'tap'
import { creationOptions, requestOptions } from '../../../src/factors/passkeys/options.ts'
import { authenticatorName } from '../../../src/factors/passkeys/passkey-names.ts'
import {
  originAt,
  parsePasskeyDomain,
  passkeyDomainFaults,
  relyingParty
} from '../../../src/factors/passkeys/relying-party.ts'

const at = (publicUrl?: string, passkeyDomain?: string) => ({
  publicUrl: publicUrl === undefined ? undefined : new URL(publicUrl),
  passkeyDomain
})

t.test('passkeys are made for a domain, over https', async (t) => {
  const id = (...args: Parameters<typeof at>) => relyingParty(at(...args))?.id
  t.equal(id('https://login.example.org/auth'), 'login.example.org')
  t.equal(id('https://login.example.org', 'example.org'), 'example.org')
  t.equal(id('http://localhost:3000'), 'localhost')
  t.equal(id(), 'localhost')
  for (const none of ['http://login.example.org', 'https://192.0.2.1', 'https://[::1]', 'https://server'])
    t.equal(id(none), undefined, none)
})

t.test('PUBLIC_URL says where people are; without it, localhost does', async (t) => {
  const origin = (party: ReturnType<typeof relyingParty>, ...from: [string, string]) =>
    party && originAt(party, ...from)
  t.equal(origin(relyingParty(at('https://a.example:8443/x')), 'http', '10.0.0.1'), 'https://a.example:8443')
  t.equal(origin(relyingParty(at()), 'http', 'localhost:3000'), 'http://localhost:3000')
  for (const host of ['127.0.0.1:3000', 'example.org', 'localhost.example.org', '%'])
    t.equal(origin(relyingParty(at()), 'http', host), undefined, host)
})

t.test('PASSKEY_DOMAIN is PUBLIC_URL’s, or above it', async (t) => {
  t.equal(parsePasskeyDomain(''), undefined)
  t.equal(parsePasskeyDomain('Example.org'), 'example.org')
  for (const wrong of ['https://example.org', '192.0.2.1', 'org', 'a_b.example', 'example.org:443'])
    t.throws(() => parsePasskeyDomain(wrong), { message: new RegExp(`is "${wrong}", it must be`) }, wrong)
  t.same(passkeyDomainFaults(at()), [])
  t.same(passkeyDomainFaults(at('https://login.example.org', 'example.org')), [])
  t.match(passkeyDomainFaults(at('https://notexample.org', 'example.org')), [/PUBLIC_URL is not under it/])
  t.match(passkeyDomainFaults(at(undefined, 'example.org')), [/PUBLIC_URL is not set/])
})

t.test('a passkey alone has to verify its user, a second factor need not', async (t) => {
  const party = { id: 'example.org', origin: 'https://example.org' }
  const known = [{ id: 'abc', transports: ['usb'] }]
  t.match(requestOptions(party, { challenge: 'x' }), { userVerification: 'required', allowCredentials: [] })
  t.match(requestOptions(party, { challenge: 'x', known }), {
    userVerification: 'preferred',
    allowCredentials: [{ id: 'abc', type: 'public-key', transports: ['usb'] }]
  })
  const account = { id: 'AAAAAAAAAAAAAAAAAAAAAA', name: 'alice' }
  t.match(creationOptions(party, { siteName: 'Site', challenge: 'x', account, known }), {
    rp: { id: 'example.org', name: 'Site' },
    user: account,
    excludeCredentials: [{ id: 'abc' }],
    attestation: 'none'
  })
})

t.test('authenticators are called what people call them', async (t) => {
  t.equal(authenticatorName('d548826e-79b4-db40-a3d8-11116f7e8349'), 'Bitwarden')
  t.equal(authenticatorName('00000000-0000-0000-0000-000000000000'), undefined)
  t.equal(authenticatorName('constructor'), undefined)
})
