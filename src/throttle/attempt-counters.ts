import { hash } from 'node:crypto'
import { mailboxOf } from '../identity/email-address.ts'
import { nameKey } from '../identity/names.ts'
import { ownerKeyOfName } from '../identity/owner-key.ts'
import { memoize } from '../primitives/memoize.ts'
import { networkOf, widerNetworkOf } from '../web/client-network.ts'
import {
  account,
  accountFromKnownDevice,
  address,
  code,
  device,
  deviceAddress,
  mailFrom,
  mailFromNetworkTo,
  mailFromNewTo,
  mailFromTo,
  mailTo,
  pair,
  proof,
  proofSuccess,
  registration,
  registrationTo,
  reset,
  success,
  unlimited,
  widerNetwork
} from './allowances.ts'
import type { Allowance, Limit } from './counters.ts'

/** Addresses of a flood come again and again. */
export const networkFrom = memoize(1000, (address: string) => networkOf(address))

/** Whose attempts are counted. */
export interface Person {
  /** As typed: it is counted in the same way whether or not there is an account. */
  readonly name: string
  /** The id of the account that has the name, if there is one: the next owner of the name inherits no count. */
  readonly account?: string | undefined
}

/** An attempt to sign in. */
export interface Attempt extends Person {
  readonly address: string
  /** The id in the browser's device cookie, if this user signed in from it before. */
  readonly device: string | undefined
  /** The handle of the session, if this user is signed in. */
  readonly session?: string | undefined
}

export interface CodeAttempt {
  /** From an app, or a recovery code: wrong ones of one kind do not delay the other. */
  readonly kind: 'code' | 'recovery-code'
  /** The id of the account. */
  readonly account: string
  /** A session of the account, or a browser where its owner has signed in; undefined: anywhere else. */
  readonly device?: string | undefined
  readonly address: string
}

/** Who tries: strangers do not keep known browsers and signed-in users from trying. */
export type Claimant = (typeof claimants)[number]

export const claimants = ['stranger', 'known-browser', 'user'] as const

/** What a success does to a counter: reset it to zero, take its own attempt back, or leave it counted. */
type AtSuccess = 'reset' | 'release' | 'count'

export interface Counter extends Limit {
  readonly atSuccess: AtSuccess
  /** The key by the name alone: what was just refused is known before the account is looked up. */
  readonly heldAs: string
}

/** Failed attempts in a row of an account; a session has its own limit. */
export const maxInARow: Readonly<Record<Claimant, number>> = {
  stranger: account.max,
  'known-browser': accountFromKnownDevice.max,
  user: Number.POSITIVE_INFINITY
}

export function claimantOf({ device: id, session }: Attempt): Claimant {
  if (session !== undefined) return 'user'
  return id === undefined ? 'stranger' : 'known-browser'
}

export function countersOf({
  name,
  account: owner,
  address: from,
  device: id,
  session
}: Attempt): readonly Counter[] {
  const person = { name, account: owner }
  if (session !== undefined) {
    return [
      counter('reset', proof, 'proof', { person, parts: [session] }),
      counter('reset', unlimited, 'account', { person }),
      counter('count', proofSuccess, 'proof-success', { person, parts: [session] })
    ]
  }
  const network = networkFrom(from, undefined)
  if (id !== undefined) {
    return [
      counter('release', deviceAddress, 'device-address', { parts: [network] }),
      counter('reset', device, 'device', { person, parts: [id] }),
      counter('reset', accountFromKnownDevice, 'account', { person }),
      counter('count', success, 'success', { person })
    ]
  }
  return [
    counter('release', address, 'address', { parts: [network] }),
    counter('reset', pair, 'pair', { person, parts: [network] }),
    counter('reset', account, 'account', { person }),
    counter('count', success, 'success', { person })
  ]
}

/** What the attempts have in common that run one after the other: an account, and a network, browser or session. */
export function lineOf(counters: readonly Counter[]): string {
  return counters.find(({ atSuccess }) => atSuccess === 'reset')?.key ?? ''
}

/** @param to the key of an address that is mailed */
export function registrationCounters(from: string, to?: string): readonly Counter[] {
  const wider = widerNetworkOf(from)
  const ofMail =
    to === undefined
      ? []
      : [counter('release', registrationTo, 'naming-to', { parts: [wider, mailboxOf(to)] })]
  return [
    ...ofMail,
    counter('release', registration, 'naming', { parts: [networkFrom(from, undefined)] }),
    counter('release', widerNetwork, 'naming-wider', { parts: [wider] })
  ]
}

/** Requests for a link to choose a new password: each is counted, because no answer tells whether it was of use. */
export function resetCounters(from: string): readonly Counter[] {
  return [
    counter('release', reset, 'reset', { parts: [networkFrom(from, undefined)] }),
    counter('release', widerNetwork, 'reset-wider', { parts: [widerNetworkOf(from)] })
  ]
}

/** Tokens that nobody has, whatever name is sent with them. */
export function tokenCounters(from: string): readonly Counter[] {
  return [counter('release', address, 'token', { parts: [networkFrom(from, undefined)] })]
}

export function codeCounters({ kind, account, device = '' }: CodeAttempt): readonly Counter[] {
  return [counter('reset', code, kind, { parts: [account, device] })]
}

export interface MailAsked {
  /** The id of an account. */
  readonly from: string
  /** The key of the address. */
  readonly to: string
  /** The client's IP address. */
  readonly address: string
  /** Whether the account was made just now. */
  readonly atRegistration?: boolean
}

export function mailCounters({
  from,
  to,
  address: client,
  atRegistration = false
}: MailAsked): readonly Counter[] {
  // A stranger is mailed as often, however the address is written.
  const mailbox = mailboxOf(to)
  const ofNew = atRegistration ? [counter('release', mailFromNewTo, 'mail-new-to', { parts: [mailbox] })] : []
  return [
    ...ofNew,
    counter('release', mailFromTo, 'mail-from-to', { parts: [from, to] }),
    counter('release', mailFrom, 'mail-from', { parts: [from] }),
    counter('release', mailFromNetworkTo, 'mail-network-to', { parts: [widerNetworkOf(client), mailbox] }),
    counter('release', mailTo, 'mail-to', { parts: [mailbox] })
  ]
}

/** Takes any number of attempts, and expires after a second if this process ends in between. */
export const probe: Limit = {
  key: 'probe',
  allowance: {
    free: Number.POSITIVE_INFINITY,
    max: Number.POSITIVE_INFINITY,
    decaysEvery: Number.POSITIVE_INFINITY,
    expiresAfter: 1000
  }
}

/** The counter of an account, or of a name without one, whoever tries. */
export function accountCounter(person: Person): Counter {
  return counter('reset', account, 'account', { person })
}

interface Counted {
  readonly person?: Person
  readonly parts?: readonly string[]
}

/** Its keys are made on first use: often the first counter is known to refuse, and the others need none. */
function counter(
  atSuccess: AtSuccess,
  allowance: Allowance,
  kind: string,
  { person, parts = [] }: Counted
): Counter {
  const keyOf = (who: Person | undefined) => counterKey(kind, ...(who ? [personOf(who)] : []), ...parts)
  let key: string | undefined
  let heldAs: string | undefined
  return {
    atSuccess,
    allowance,
    get key() {
      key ??= keyOf(person)
      return key
    },
    get heldAs() {
      heldAs ??= keyOf(person && { name: person.name })
      return heldAs
    }
  }
}

/** No name is counted as the account with that id. */
function personOf({ name, account }: Person): string {
  return account ?? ownerKeyOfName(nameKey(name))
}

/** Hashed, as in all keys; half of SHA-256 is enough to tell names apart. */
function counterKey(kind: string, ...parts: readonly string[]): string {
  return `${kind}:${hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)}`
}
