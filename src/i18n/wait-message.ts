import { type Message, message } from './texts.ts'

/** What there was too much of: wrong tries to sign in, or names chosen from one network. */
export type Throttling = keyof typeof waits

const waits = {
  signIn: { seconds: 'throttled.seconds', minutes: 'throttled.minutes' },
  naming: { seconds: 'namingThrottled.seconds', minutes: 'namingThrottled.minutes' }
} as const

/** Says when the next try is looked at. @param seconds Infinity: none is, until there is another way in */
export function waitMessage(seconds: number, what: Throttling): Message {
  if (!Number.isFinite(seconds)) return message('errors.LATCHKEY_THROTTLED')
  if (seconds < 100) return message(waits[what].seconds, { count: seconds })
  return message(waits[what].minutes, { count: Math.ceil(seconds / 60) })
}
