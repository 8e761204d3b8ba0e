import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Passkey } from '../../../src/factors/factors-of.ts'
import {
  challengeOf,
  idOf,
  parseResponse,
  verifyCreation,
  verifyUse
} from '../../../src/factors/passkeys/ceremonies.ts'
import { mayBeCopied } from '../../../src/factors/passkeys/copies.ts'

interface Vector {
  readonly credentialId: string
  readonly registration: { challenge: string; clientDataJSON: string; attestationObject: string }
  readonly authentication: {
    challenge: string
    clientDataJSON: string
    authenticatorData: string
    signature: string
  }
}

/** WebAuthn Level 3, "Test Vectors". */
const vectors: Record<string, Vector> = JSON.parse(
  readFileSync(new URL('test-vectors.json', import.meta.url), 'utf8')
)
const accountId = 'AAAAAAAAAAAAAAAAAAAAAA'

function creationOf({ credentialId: id, registration }: Vector, changes = {}) {
  const { challenge, ...response } = registration
  return {
    response: { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} },
    origin: 'https://example.org',
    rpId: 'example.org',
    isChallenge: (sent: string) => sent === challenge,
    ...changes
  }
}

function useOf({ credentialId: id, authentication }: Vector, changes = {}, more = {}) {
  const { challenge, ...response } = authentication
  return {
    response: {
      id,
      rawId: id,
      type: 'public-key',
      response: { ...response, ...more },
      clientExtensionResults: {}
    },
    origin: 'https://example.org',
    rpId: 'example.org',
    isChallenge: (sent: string) => sent === challenge,
    ...changes
  }
}

async function passkeyOf(vector: Vector): Promise<Passkey> {
  const created = await verifyCreation(creationOf(vector))
  if (!created) throw new Error('refused')
  return { ...created, accountId, name: '', createdAt: new Date(), usedAt: undefined }
}

/** Ed448, ES384 and ES512 were not asked for. */
const notOffered = ['packed-es384', 'packed-es512', 'packed-ed448']
/** In a frame of another site (case 13). */
const inFrame = ['none-es256-crossOrigin', 'none-es256-topOrigin']

for (const [name, vector] of Object.entries(vectors)) {
  t.test(`the vector ${name}`, async (t) => {
    if (notOffered.includes(name) || inFrame.includes(name)) {
      t.equal(await verifyCreation(creationOf(vector)), undefined, 'no passkey is made')
      return
    }
    const passkey = await passkeyOf(vector)
    t.equal(passkey.id, vector.credentialId)
    t.ok(await verifyUse(passkey, useOf(vector)), 'it is made, and can be used')
  })
}

t.test('what does not fit is refused', async (t) => {
  const vector = vectors['none-es256']!
  const passkey = await passkeyOf(vector)
  const refusals = {
    'of the wrong site (case 13)': useOf(vector, { origin: 'https://example.com' }),
    'of the wrong port (case 13)': useOf(vector, { origin: 'https://example.org:8443' }),
    'of http': useOf(vector, { origin: 'http://example.org' }),
    'of another domain (case 13)': useOf(vector, { rpId: 'www.example.org' }),
    'of another challenge': useOf(vector, { isChallenge: () => false }),
    "with another account's handle (case 10)": useOf(vector, {}, { userHandle: 'BBBBBBBBBBBBBBBBBBBBBA' }),
    'with another signature': useOf(
      vector,
      {},
      { signature: vectors['packed-es256']!.authentication.signature }
    ),
    'of a creation': useOf(vector, {}, { clientDataJSON: vector.registration.clientDataJSON }),
    'without data': { ...useOf(vector), response: { id: passkey.id } },
    'that is nothing': { ...useOf(vector), response: undefined }
  }
  for (const [what, use] of Object.entries(refusals)) t.equal(await verifyUse(passkey, use), undefined, what)
  t.ok(await verifyUse(passkey, useOf(vector, {}, { userHandle: accountId })), 'with its own handle')
  t.equal(await verifyUse({ ...passkey, id: 'another' }, useOf(vector)), undefined, 'under another id')
  for (const changes of [
    { origin: 'https://example.com' },
    { rpId: 'example.com' },
    { isChallenge: () => false }
  ])
    t.equal(await verifyCreation(creationOf(vector, changes)), undefined)
  t.equal(await verifyCreation(creationOf(vector, { response: { id: 1, response: [] } })), undefined)
})

t.test('who was verified is said by each use (case 9)', async (t) => {
  const [verified, present] = [vectors['packed-es256']!, vectors['none-es256']!]
  t.match(await verifyUse(await passkeyOf(verified), useOf(verified)), { userVerified: isVerified(verified) })
  t.match(await verifyUse(await passkeyOf(present), useOf(present)), { userVerified: isVerified(present) })
  t.not(isVerified(verified), isVerified(present))

  function isVerified({ authentication }: Vector) {
    return (Buffer.from(authentication.authenticatorData, 'base64url')[32]! & 4) !== 0
  }
})

t.test('counters are a signal (case 11)', async (t) => {
  t.notOk(mayBeCopied({ counter: 0 }, { counter: 0 }))
  t.notOk(mayBeCopied({ counter: 5 }, { counter: 6 }))
  t.ok(mayBeCopied({ counter: 5 }, { counter: 5 }))
  t.ok(mayBeCopied({ counter: 7 }, { counter: 0 }))
  const vector = vectors['none-es256']!
  t.ok(
    await verifyUse({ ...(await passkeyOf(vector)), counter: 7 }, useOf(vector)),
    'it is used all the same'
  )
})

t.test('what a response claims is read without belief', async (t) => {
  const { registration } = vectors['none-es256']!
  t.equal(challengeOf({ response: registration }), registration.challenge)
  for (const wrong of [
    undefined,
    null,
    7,
    [],
    {},
    { response: { clientDataJSON: 7 } },
    { response: { clientDataJSON: 'e30' } }
  ])
    t.equal(challengeOf(wrong), undefined)
  for (const id of [undefined, 7, '', 'a b', 'a'.repeat(1367)]) t.equal(idOf({ id }), undefined)
  t.equal(parseResponse('{'), undefined)
})

/** As if the RSA key of the vector were so many bytes long, and had zeros in front. */
function withModulus(vector: Vector, bytes: number, zeros = 0): Vector {
  const whole = Buffer.from(vector.registration.attestationObject, 'base64url')
  // The algorithm, -1 (which is the modulus in COSE), and a text of bytes with a length of two bytes.
  const start = whole.indexOf(Buffer.from('033901002059', 'hex')) + 6
  const end = start + 2 + whole.readUInt16BE(start)
  const modulus = Buffer.concat([Buffer.alloc(zeros), whole.subarray(start + 2, start + 2 + bytes)])
  const length = Buffer.alloc(2)
  length.writeUInt16BE(modulus.length)
  const made = Buffer.concat([whole.subarray(0, start), length, modulus, whole.subarray(end)])
  const authData = made.indexOf('authData') + 'authData'.length
  made.writeUInt16BE(made.readUInt16BE(authData + 1) + made.length - whole.length, authData + 1)
  const registration = { ...vector.registration, attestationObject: made.toString('base64url') }
  return { ...vector, registration }
}

t.test('an RSA key of less than 2048 bits makes no passkey', async (t) => {
  const vector = vectors['packed-rs256'] as Vector
  t.ok(await verifyCreation(creationOf(withModulus(vector, 256))))
  t.equal(await verifyCreation(creationOf(withModulus(vector, 255))), undefined)
  t.equal(await verifyCreation(creationOf(withModulus(vector, 128))), undefined)
  t.equal(await verifyCreation(creationOf(withModulus(vector, 128, 128))), undefined)
})
