import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { NewPasskey, Passkey, PasskeyUse } from '../factors-of.ts'
import { algorithms } from './options.ts'

/** What the browser has sent, and what it must fit. */
export interface Ceremony {
  /** The credential as JSON, as `toJSON()` of a browser makes it: untrusted. */
  readonly response: unknown
  /** The origin of the page. */
  readonly origin: string
  /** The domain that the passkey is for. */
  readonly rpId: string
  /** Whether it is the challenge that was sent. */
  readonly isChallenge: (challenge: string) => boolean
}

/** Whether the authenticator verified its user, by a PIN, a finger or a face: then the passkey is two factors. */
interface Verified {
  readonly userVerified: boolean
}

/** Loaded when the first passkey is used: it takes half a second and more memory than all of a sign-in. */
const library = () => import('#vendor/simplewebauthn')
const parts = library

/**
 * Checks a passkey that was just made (WebAuthn Level 3 §7.1), without its attestation: a site that does not ask for one
 * is not to look at it.
 * @returns undefined when anything does not fit
 */
export async function verifyCreation(
  ceremony: Ceremony
): Promise<(Omit<NewPasskey, 'name'> & Verified) | undefined> {
  const { response, origin, rpId, isChallenge } = ceremony
  if (isFromFrame(response)) return undefined
  const { verifyRegistrationResponse } = await library()
  const verified = await orUndefined(
    verifyRegistrationResponse({
      response: (await withoutAttestation(response)) as RegistrationResponseJSON,
      expectedChallenge: isChallenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: false,
      supportedAlgorithmIDs: [...algorithms]
    })
  )
  if (!verified?.verified) return undefined
  const { credential, aaguid, credentialDeviceType, credentialBackedUp, userVerified } =
    verified.registrationInfo
  const publicKey = Buffer.from(credential.publicKey)
  const { algorithm, isLongEnough } = await keyOf(publicKey)
  if (!isLongEnough) return undefined
  return {
    id: credential.id,
    publicKey: publicKey.toString('base64url'),
    algorithm,
    counter: credential.counter,
    transports: transportsOf(credential.transports),
    aaguid,
    isBackupEligible: credentialDeviceType === 'multiDevice',
    isBackedUp: credentialBackedUp,
    rpId,
    userVerified
  }
}

/**
 * Checks the use of a passkey (WebAuthn Level 3 §7.2), but for the counter, which refuses nobody: see mayBeCopied.
 * @returns undefined when anything does not fit
 */
export async function verifyUse(
  passkey: Passkey,
  ceremony: Ceremony
): Promise<(PasskeyUse & Verified) | undefined> {
  const { response, origin, rpId, isChallenge } = ceremony
  if (isFromFrame(response) || !isOfAccount(response, passkey.accountId) || idOf(response) !== passkey.id)
    return undefined
  const { verifyAuthenticationResponse } = await library()
  const verified = await orUndefined(
    verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: isChallenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: false,
      // The library would throw when the counter has not grown.
      credential: { id: passkey.id, publicKey: Buffer.from(passkey.publicKey, 'base64url'), counter: 0 }
    })
  )
  if (!verified?.verified) return undefined
  const { newCounter, credentialBackedUp, userVerified } = verified.authenticationInfo
  return { counter: newCounter, isBackedUp: credentialBackedUp, userVerified }
}

/** The id of the passkey that a response names; undefined if it names none that there could be. */
export function idOf(response: unknown): string | undefined {
  const { id } = Object(response)
  return typeof id === 'string' && /^[\w-]{1,1366}$/.test(id) ? id : undefined
}

/** The credential in a field of a form. @returns undefined if it is no JSON */
export function parseResponse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The challenge that a response claims to answer. */
export function challengeOf(response: unknown): string | undefined {
  const { challenge } = Object(clientDataOf(response))
  return typeof challenge === 'string' ? challenge : undefined
}

/** The library lets frames of another site through where the browser does not name the site. */
function isFromFrame(response: unknown): boolean {
  return Object(clientDataOf(response)).crossOrigin === true
}

function clientDataOf(response: unknown): unknown {
  const { clientDataJSON } = Object(Object(response).response)
  return typeof clientDataJSON === 'string'
    ? parseResponse(Buffer.from(clientDataJSON, 'base64url').toString())
    : undefined
}

/** A passkey that tells its user handle tells whose it is: WebAuthn Level 3 §7.2, step 6. */
function isOfAccount(response: unknown, accountId: string): boolean {
  const { userHandle } = Object(Object(response).response)
  return userHandle === undefined || userHandle === null || userHandle === accountId
}

/** Some authenticators attest without being asked, by certificates that this site has no opinion of. */
async function withoutAttestation(response: unknown): Promise<unknown> {
  const { attestationObject } = Object(Object(response).response)
  if (typeof attestationObject !== 'string') return response
  const { decodeAttestationObject, isoBase64URL, isoCBOR } = await parts()
  try {
    const authData = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject)).get('authData')
    const parts: [string, string | Map<string, string> | Uint8Array][] = [
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData]
    ]
    const plain = isoBase64URL.fromBuffer(isoCBOR.encode(new Map(parts)))
    return { ...Object(response), response: { ...Object(response).response, attestationObject: plain } }
  } catch {
    return response
  }
}

/** Whatever in a response it cannot read or does not believe, the library throws. */
function orUndefined<T>(verifying: Promise<T>): Promise<T | undefined> {
  return verifying.catch(() => undefined)
}

/** 2048 bits of RSA are as good as 112 of other keys, which the curves that are offered have (NIST SP 800-57). */
const leastModulusBytes = 256

/** @param publicKey COSE */
async function keyOf(publicKey: Buffer) {
  const { cose, decodeCredentialPublicKey } = await parts()
  const key = decodeCredentialPublicKey(new Uint8Array(publicKey))
  const isLongEnough =
    !cose.isCOSEPublicKeyRSA(key) || modulusBytes(key.get(cose.COSEKEYS.n)) >= leastModulusBytes
  return { algorithm: Number(key.get(cose.COSEKEYS.alg)), isLongEnough }
}

/** Without zeros in front, which would make a short one long. */
function modulusBytes(modulus: Uint8Array = new Uint8Array()): number {
  const start = modulus.findIndex((byte) => byte > 0)
  return start < 0 ? 0 : modulus.length - start
}

function transportsOf(claimed: readonly unknown[] = []): string[] {
  const isName = (name: unknown) => typeof name === 'string' && /^[a-z-]{1,20}$/.test(name)
  return claimed.filter(isName).slice(0, 8) as string[]
}
