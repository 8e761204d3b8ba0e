import { HOTP, Secret, TOTP } from 'otpauth'

const periodSeconds = 30
const digits = 6
/** Clocks of phones differ: one step before and after (RFC 6238 §5.2). */
const window = 1

/** A new seed: 160 random bits as base32 (RFC 4226 §4, R6; NIST SP 800-63B-4 §3.1.4.2 asks for 112). */
export function newSeed(): string {
  return new Secret({ size: 20 }).base32
}

/** Whether a text has the form of a one-time code, however it is grouped. */
export function isOneTimeCode(typed: string): boolean {
  return /^\s*(?:\d\s*){6}$/.test(typed.slice(0, 100))
}

/**
 * @param seed as newSeed makes it
 * @param now milliseconds since 1970, by the clock of the server (ASVS 6.5.8)
 * @returns the step of the code, counted in 30 seconds since 1970; undefined if it is not right now
 */
export function stepOf(typed: string, seed: string, now: number): number | undefined {
  const counter = Math.floor(now / 1000 / periodSeconds)
  const token = typed.replace(/\s/g, '')
  if (!isOneTimeCode(typed)) return undefined
  const delta = HOTP.validate({ token, secret: Secret.fromBase32(seed), digits, counter, window })
  return delta === null ? undefined : counter + delta
}

/** What a QR code for authenticator apps contains. @param issuer the name of the site */
export function enrolmentUri(
  seed: string,
  { issuer, name }: { readonly issuer: string; readonly name: string }
): string {
  const totp = new TOTP({
    issuer,
    label: name,
    secret: Secret.fromBase32(seed),
    digits,
    period: periodSeconds
  })
  return totp.toString()
}
