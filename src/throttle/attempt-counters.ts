import { hash } from 'node:crypto'
import { nameKey } from '../identity/names.ts'
import { memoize } from '../primitives/memoize.ts'
import { networkOf } from '../web/client-network.ts'
import {
  account,
  accountFromKnownDevice,
  address,
  device,
  deviceAddress,
  pair,
  proof,
  proofSuccess,
  registration,
  success,
  unlimited
} from './allowances.ts'
import type { Allowance, Limit } from './counters.ts'

/** Addresses of a flood come again and again. */
export const networkFrom = memoize(1000, (address: string) => networkOf(address))

/** An attempt to sign in. */
export interface Attempt {
  /** As typed: it makes no difference whether the account exists. */
  readonly name: string
  readonly address: string
  /** The id in the browser's device cookie, if this user signed in from it before. */
  readonly device: string | undefined
  /** The handle of the session, if this user is signed in. */
  readonly session?: string | undefined
}

/** Who tries: strangers do not keep known browsers and signed-in users from trying. */
export type Claimant = (typeof claimants)[number]

export const claimants = ['stranger', 'known-browser', 'user'] as const

/** What a success does to a counter: reset it to zero, take its own attempt back, or leave it counted. */
type AtSuccess = 'reset' | 'release' | 'count'

export interface Counter extends Limit {
  readonly atSuccess: AtSuccess
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

export function countersOf({ name, address: from, device: id, session }: Attempt): readonly Counter[] {
  const person = nameKey(name)
  if (session !== undefined) {
    return [
      counter('reset', proof, 'proof', person, session),
      counter('reset', unlimited, 'account', person),
      counter('count', proofSuccess, 'proof-success', person, session)
    ]
  }
  const network = networkFrom(from, undefined)
  if (id !== undefined) {
    return [
      counter('release', deviceAddress, 'device-address', network),
      counter('reset', device, 'device', person, id),
      counter('reset', accountFromKnownDevice, 'account', person),
      counter('count', success, 'success', person)
    ]
  }
  return [
    counter('release', address, 'address', network),
    counter('reset', pair, 'pair', network, person),
    counter('reset', account, 'account', person),
    counter('count', success, 'success', person)
  ]
}

export function registrationCounters(from: string): readonly Counter[] {
  return [counter('release', registration, 'naming', networkFrom(from, undefined))]
}

/** The counters of a name, whoever tries. */
export function accountCounter(name: string): Counter {
  return counter('reset', account, 'account', nameKey(name))
}

/** Its key is made on first use: often the first counter is known to refuse, and the others need none. */
function counter(
  atSuccess: AtSuccess,
  allowance: Allowance,
  kind: string,
  ...parts: readonly string[]
): Counter {
  let key: string | undefined
  return {
    atSuccess,
    allowance,
    get key() {
      key ??= counterKey(kind, ...parts)
      return key
    }
  }
}

/** Hashed, as in all keys; half of SHA-256 is enough to tell names apart. */
function counterKey(kind: string, ...parts: readonly string[]): string {
  return `${kind}:${hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)}`
}
