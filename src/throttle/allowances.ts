import { maxFailedAttempts } from '../accounts/verification.ts'
import type { Allowance } from './counters.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const never = Number.POSITIVE_INFINITY

/** One name from one address. */
export const pair: Allowance = { free: 5, max: never, decaysEvery: never, expiresAfter: day }

/**
 * All names from one address. Many people may share it and mistype now and then. A successful sign-in does
 * not reset it.
 */
export const address: Allowance = { free: 10, max: never, decaysEvery: minute, expiresAfter: hour }

/**
 * Registrations from one address: each answer that reveals whether a name is taken. A counter of its own, so
 * that registering and signing in do not block each other.
 */
export const registration: Allowance = address

/** Forgotten passwords from one address: a counter of its own, so that asking for a link does not block signing in. */
export const reset: Allowance = address

/**
 * The last two from all networks that one customer may have: somebody with a /48 of IPv6 has 65,536 of them, and would
 * make the service mail as many strangers.
 */
export const widerNetwork: Allowance = { free: never, max: 100, decaysEvery: 6 * second, expiresAfter: hour }

/**
 * One name, in unknown browsers, from all addresses. The last ten of the hundred attempts are reserved for
 * browsers with a device cookie. Anybody can make up names, so this counter expires; the count stored with an
 * account does not, and has the same limit.
 */
export const account: Allowance = {
  free: 20,
  max: maxFailedAttempts - 10,
  decaysEvery: never,
  expiresAfter: 30 * day
}

/** The same name in browsers with a device cookie: only the limit of a hundred. */
export const accountFromKnownDevice: Allowance = { ...account, free: never, max: maxFailedAttempts }

/** The same name where its user is signed in: counted with the others, and limited by session. */
export const unlimited: Allowance = { ...account, free: never, max: never }

/** Where an account with so many failed attempts is closed until it is opened again; null: nowhere. */
export function closedTo(failedAttempts: number): 'new browsers' | 'all browsers' | null {
  if (failedAttempts >= accountFromKnownDevice.max) return 'all browsers'
  return failedAttempts >= account.max ? 'new browsers' : null
}

/**
 * Right passwords of one account, from all addresses: each takes a hash, which others wait for. Whoever has a
 * browser sign in that often waits two seconds for the next one; a wrong password does not count here.
 */
export const success: Allowance = { free: never, max: 30, decaysEvery: 2 * second, expiresAfter: minute }

/** Right passwords in one session of the person who is signed in: nobody else's sign-ins count here. */
export const proofSuccess: Allowance = { ...success, max: 10, decaysEvery: 6 * second }

/**
 * One session, for the password of its owner: a thief of the session has so many tries in a row. After that its
 * owner signs in anew.
 */
export const proof: Allowance = { free: 5, max: 20, decaysEvery: never, expiresAfter: 30 * day }

/** One name in one browser with a device cookie. */
export const device: Allowance = { free: 5, max: never, decaysEvery: never, expiresAfter: day }

/** One-time codes of one account, from one session or one browser with a device cookie, or from anywhere else. */
export const code: Allowance = { free: 5, max: never, decaysEvery: never, expiresAfter: day }

/** All names in browsers with a device cookie from one address, so that many such browsers are worth no more. */
export const deviceAddress: Allowance = address

/** Mail that an account sends to addresses that it does not have: five, and then one in twelve minutes. */
export const mailFrom: Allowance = { free: never, max: 5, decaysEvery: 12 * minute, expiresAfter: 2 * hour }

/** The same to one of them: a link lives longer, so there is always a living one in the mailbox. */
export const mailFromTo: Allowance = { free: never, max: 1, decaysEvery: 20 * minute, expiresAfter: hour }

/** The same to one address, whoever sends it: six an hour, so that no crowd of accounts floods a stranger. */
export const mailTo: Allowance = { free: never, max: 6, decaysEvery: 10 * minute, expiresAfter: 2 * hour }

/**
 * The same to one address from one network, whatever accounts there are: three, and then one in four hours. Anybody makes
 * accounts, and six an hour are too many for a stranger. Whoever has the address can ask from elsewhere.
 */
export const mailFromNetworkTo: Allowance = {
  free: never,
  max: 3,
  decaysEvery: 4 * hour,
  expiresAfter: 13 * hour
}

/**
 * Requests from one network for an account with an address of one mailbox, however it is written: ten, and then one in two
 * hours. The answer says that there were too many, so it is more than somebody asks who waits for the mail.
 */
export const registrationTo: Allowance = {
  free: never,
  max: 10,
  decaysEvery: 2 * hour,
  expiresAfter: 21 * hour
}

/**
 * The same to one address by those who register, whoever they are: anybody makes accounts. It leaves more than half of the six
 * to accounts, so that no stranger keeps an owner from confirming an address.
 */
export const mailFromNewTo: Allowance = mailFromTo

/** 30 seconds after the last free attempt, twice as long after each further one, up to 15 minutes. */
export function backOffAfter(count: number, { free }: Allowance): number {
  const further = Math.round(count - free)
  return further < 0 ? 0 : Math.min(30 * second * 2 ** further, 15 * minute)
}
