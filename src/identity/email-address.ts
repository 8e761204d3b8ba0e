import { domainToASCII } from 'node:url'
import { type Message, message } from '../i18n/texts.ts'
import { nameKey } from './names.ts'

export type AddressCheck =
  | { readonly ok: true; readonly address: string; readonly key: string }
  | { readonly ok: false; readonly reason: Message }

/** RFC 5321 §4.5.3.1.1, in bytes. */
const maxLocalBytes = 64
/** RFC 5321 §4.5.3.1.3, in bytes, without the angle brackets. */
const maxBytes = 254
/** In UTF-16 units: composing accents takes time quadratic in their number. */
const maxUnits = 320

/** RFC 5321's Dot-string, with the characters of RFC 6531: letters, marks and digits of any script, nothing that is invisible. */
const localPart = /^[\w!#$%&'*+/=?^`{|}~\p{L}\p{M}\p{Nd}-]+(\.[\w!#$%&'*+/=?^`{|}~\p{L}\p{M}\p{Nd}-]+)*$/u
/** What may be typed of a host. What IDNA maps to something else, such as `%` and `/`, is not for us to decode. */
const typedHost = /^[\p{L}\p{M}\p{N}.\u3002\uff0e\uff61-]+$/u
const invisible = /\p{Default_Ignorable_Code_Point}/u
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
/** Fully qualified (RFC 5321 §2.3.5), and no IP address. `localhost` is for trying out. */
const asciiHost = new RegExp(`^(?:localhost|(?:${label}\\.)+(?!\\d+$)${label})$`)

/**
 * Checks an e-mail address: a mailbox of RFC 5321 without a display name, comments or quotes. Dots and plus signs mean
 * what the host makes of them, so nothing is done with them.
 * @param text as typed; spaces at its ends are left out
 * @returns the address to write to, with the local part as typed and the host in ASCII and lower case; and its key: two
 * addresses with the same key are one
 */
export function checkAddress(text: string): AddressCheck {
  const trimmed = text.length > maxUnits ? text : text.trim()
  if (trimmed === '') return invalid(message('email.missing'))
  if (trimmed.length > maxUnits) return invalid(message('email.tooLong'))
  const at = trimmed.lastIndexOf('@')
  const local = trimmed.slice(0, Math.max(0, at)).normalize('NFC')
  const host = asciiOf(trimmed.slice(at + 1))
  if (host === undefined || !localPart.test(local) || invisible.test(local))
    return invalid(message('email.invalid'))
  const address = `${local}@${host}`
  if (Buffer.byteLength(local) > maxLocalBytes || Buffer.byteLength(address) > maxBytes)
    return invalid(message('email.tooLong'))
  return { ok: true, address, key: `${folded(local)}@${host}` }
}

/**
 * The key of an address, for comparison.
 * @returns undefined when the text is no address: it belongs to nobody
 */
export function addressKey(text: string): string | undefined {
  // Nearly every sign-in is by a name.
  if (!text.includes('@')) return undefined
  const check = checkAddress(text)
  return check.ok ? check.key : undefined
}

/**
 * What the addresses of one mailbox have in common where the host reads `ada+shop` or `a.da` as `ada`: for limits alone, since
 * another host makes two mailboxes of them.
 * @param key of an address
 */
export function mailboxOf(key: string): string {
  const at = key.lastIndexOf('@')
  const [name = ''] = key.slice(0, Math.max(0, at)).split('+')
  return `${name.replaceAll('.', '')}${key.slice(at)}`
}

/**
 * Whether a name is this address. Names are folded further than addresses: as a name, `mıke@example.org` would be
 * `mike@example.org`, who is somebody else. Such an address is no name.
 * @param key of the name: see nameKey
 */
export function isNameOfAddress(key: string, address: string): boolean {
  return nameKey(address) === key && addressKey(address) === key
}

/** The key of how an address begins, as far as it was typed; empty for a text that is longer than any. */
export function beginningOfAddress(text: string): string {
  // PostgreSQL's text cannot contain NUL; its replacement is in no address either.
  return text.length > maxUnits ? '' : folded(text.trim()).replaceAll('\0', '\uFFFD')
}

function asciiOf(typed: string): string | undefined {
  if (!typedHost.test(typed) || invisible.test(typed)) return undefined
  const host = domainToASCII(typed)
  return asciiHost.test(host) ? host : undefined
}

/**
 * Only to lower case: capitals of letters such as a dotless ı and a long ſ are those of others, whose owner would then
 * have the same address.
 */
function folded(local: string): string {
  return local.toLowerCase().replaceAll('ς', 'σ').normalize('NFC')
}

function invalid(reason: Message): AddressCheck {
  return { ok: false, reason }
}
