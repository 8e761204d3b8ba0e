import { type Message, message } from './texts.ts'

/** Whose attempts were limited: see Claimant in src/throttle/; registrations or tokens from one network; or mail. */
export type Throttling = keyof typeof waits

const signIn = { seconds: 'throttled.seconds', minutes: 'throttled.minutes' } as const
const naming = { seconds: 'namingThrottled.seconds', minutes: 'namingThrottled.minutes' } as const
const tokens = { seconds: 'tokensThrottled.seconds', minutes: 'tokensThrottled.minutes' } as const
const mail = { seconds: 'mailThrottled.seconds', minutes: 'mailThrottled.minutes' } as const
const waits = { stranger: signIn, 'known-browser': signIn, user: signIn, naming, tokens, mail } as const

/** Where waiting does not help. */
const closed = {
  stranger: message('errors.LATCHKEY_THROTTLED'),
  'known-browser': message('throttled.closed'),
  user: message('throttled.session'),
  naming: message('errors.LATCHKEY_THROTTLED'),
  tokens: message('errors.LATCHKEY_THROTTLED'),
  mail: message('errors.LATCHKEY_THROTTLED')
} as const

/** Tells when the next attempt is allowed. @param seconds Infinity: waiting does not help */
export function waitMessage(seconds: number, what: Throttling): Message {
  if (!Number.isFinite(seconds)) return closed[what]
  if (seconds < 100) return message(waits[what].seconds, { count: seconds })
  return message(waits[what].minutes, { count: Math.ceil(seconds / 60) })
}
