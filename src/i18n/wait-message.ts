import { type Message, message } from './texts.ts'

/** What was limited: attempts to sign in, or registrations from one network. */
export type Throttling = keyof typeof waits

const waits = {
  signIn: { seconds: 'throttled.seconds', minutes: 'throttled.minutes' },
  naming: { seconds: 'namingThrottled.seconds', minutes: 'namingThrottled.minutes' }
} as const

/** Tells when the next attempt is allowed. @param seconds Infinity: not until the account is opened */
export function waitMessage(seconds: number, what: Throttling): Message {
  if (!Number.isFinite(seconds)) return message('errors.LATCHKEY_THROTTLED')
  if (seconds < 100) return message(waits[what].seconds, { count: seconds })
  return message(waits[what].minutes, { count: Math.ceil(seconds / 60) })
}
