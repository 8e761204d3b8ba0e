import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'
import type { CreationOptions, RequestOptions } from '../../../src/factors/passkeys/options.ts'

export interface AuthenticatorOptions {
  /** Of the pages. */
  readonly origin?: string
  /** Whether it verifies its user. */
  readonly verifies?: boolean
  /** Its counter; 0 for one that does not count. */
  readonly counter?: number
  readonly isBackedUp?: boolean
}

interface Credential {
  readonly id: string
  readonly rpId: string
  readonly userHandle: string
  readonly key: KeyObject
}

const userPresent = 1
const userVerified = 4
const backedUp = 8 | 16
const hasCredential = 64

/** A browser with an authenticator in software, which makes passkeys and uses them: what the page's script sends. */
export class Authenticator {
  readonly credentials: Credential[] = []
  options: Required<AuthenticatorOptions>

  constructor(options: AuthenticatorOptions = {}) {
    this.options = { origin: 'http://localhost', verifies: true, counter: 0, isBackedUp: false, ...options }
  }

  create({ challenge, rp, user }: CreationOptions, id = randomBytes(16).toString('base64url')): string {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.credentials.push({ id, rpId: rp.id, userHandle: user.id, key: privateKey })
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const cose = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
      [-3, new Uint8Array(Buffer.from(y, 'base64url'))]
    ])
    const idBytes = Buffer.from(id, 'base64url')
    const length = Buffer.alloc(2)
    length.writeUInt16BE(idBytes.length)
    const credential = Buffer.concat([Buffer.alloc(16), length, idBytes, isoCBOR.encode(cose)])
    const authData = new Uint8Array(Buffer.concat([this.#data(rp.id, hasCredential), credential]))
    const parts: [string, string | Uint8Array | Map<string, string>][] = [
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData]
    ]
    const attestationObject = Buffer.from(isoCBOR.encode(new Map(parts))).toString('base64url')
    const clientDataJSON = this.#clientData('webauthn.create', challenge)
    return asJson(id, { clientDataJSON, attestationObject, transports: ['internal'] })
  }

  /** @param id the passkey to use: the last one by default */
  use({ challenge, rpId }: RequestOptions, id?: string, changes: object = {}): string {
    const credential = this.credentials.findLast((one) => id === undefined || one.id === id)
    if (!credential) throw new Error('There is no such passkey.')
    const data = this.#data(rpId)
    const clientDataJSON = this.#clientData('webauthn.get', challenge)
    const hash = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest()
    const signature = sign('sha256', Buffer.concat([data, hash]), credential.key).toString('base64url')
    const { userHandle } = credential
    const authenticatorData = data.toString('base64url')
    return asJson(credential.id, { clientDataJSON, authenticatorData, signature, userHandle, ...changes })
  }

  #data(rpId: string, more = 0): Buffer {
    const { verifies, counter, isBackedUp } = this.options
    const flags = userPresent | (verifies ? userVerified : 0) | (isBackedUp ? backedUp : 0) | more
    const count = Buffer.alloc(5)
    count.writeUInt8(flags)
    count.writeUInt32BE(counter, 1)
    return Buffer.concat([createHash('sha256').update(rpId).digest(), count])
  }

  #clientData(type: string, challenge: string): string {
    const { origin } = this.options
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false })).toString('base64url')
  }
}

function asJson(id: string, response: object): string {
  return JSON.stringify({ id, rawId: id, type: 'public-key', response, clientExtensionResults: {} })
}
