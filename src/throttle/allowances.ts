import { maxFailedAttempts } from '../accounts/verification.ts'
import type { Allowance } from './counters.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const never = Number.POSITIVE_INFINITY

/** Somebody at one address who tries one name. */
export const pair: Allowance = { free: 5, max: never, decaysEvery: never, expiresAfter: day }

/**
 * Everybody at one address, whatever names they try. Many people may share it, and mistype now and then; who
 * signs in does not wipe out what others there tried.
 */
export const address: Allowance = { free: 10, max: never, decaysEvery: minute, expiresAfter: hour }

/**
 * Everybody at one address who chooses a name: each answer that tells whether it is taken. Apart from the passwords
 * they try, so that neither uses up the other.
 */
export const registration: Allowance = address

/**
 * One name, from wherever it is tried by a browser in which it never signed in: the last ten of the hundred tries
 * that there may be are left to the browsers it knows. Anybody may make up names, so this forgets; how often an
 * account was tried is kept with it for good, and held against the same most.
 */
export const account: Allowance = {
  free: 20,
  max: maxFailedAttempts - 10,
  decaysEvery: never,
  expiresAfter: 30 * day
}

/** The same name, from a browser in which it signed in before: only the hundred counts. */
export const accountFromKnownDevice: Allowance = { ...account, free: never, max: maxFailedAttempts }

/** Where an account with so many wrong tries in a row is closed until there is another way in; null: nowhere. */
export function closedTo(failedAttempts: number): 'new browsers' | 'all browsers' | null {
  if (failedAttempts >= accountFromKnownDevice.max) return 'all browsers'
  return failedAttempts >= account.max ? 'new browsers' : null
}

/** One name in one browser in which it signed in before. */
export const device: Allowance = { free: 5, max: never, decaysEvery: never, expiresAfter: day }

/** Half a minute after the last free try, twice as long after each further one, up to a quarter of an hour. */
export function backOffAfter(count: number, { free }: Allowance): number {
  const further = Math.round(count - free)
  return further < 0 ? 0 : Math.min(30 * second * 2 ** further, 15 * minute)
}
