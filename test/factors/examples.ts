import { HOTP, Secret } from 'otpauth'
import type { NewPasskey } from '../../src/factors/factors-of.ts'

/** A passkey as it is stored; no assertion of it can be right. */
export const somePasskey: NewPasskey = {
  id: 'cGFzc2tleQ',
  publicKey: 'a2V5',
  algorithm: -7,
  counter: 0,
  transports: ['internal', 'hybrid'],
  aaguid: '00000000-0000-0000-0000-000000000000',
  isBackupEligible: true,
  isBackedUp: false,
  rpId: 'example.org',
  name: 'Phone'
}

/** What an authenticator app shows. @param at milliseconds since 1970 */
export function codeOf(seed: string, at: number): string {
  return HOTP.generate({ secret: Secret.fromBase32(seed), counter: Math.floor(at / 30_000) })
}
