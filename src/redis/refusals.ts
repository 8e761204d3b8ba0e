import { connectionRefusal, StoreRefusal } from '../errors/store-refusal.ts'

/** How answers of Redis begin that waiting does not change. Those of scripts tell the rest in their own words. */
const refusals = [
  'WRONGPASS',
  'NOAUTH',
  'NOPERM',
  'DENIED',
  'ERR invalid password',
  'ERR operation not permitted',
  'ERR AUTH',
  'ERR DB index',
  'ERR invalid DB index',
  'ERR SELECT is not allowed',
  'ERR unknown command',
  'ERR This instance has cluster support disabled',
  'ERR The user executing the script',
  'ERR ACL failure',
  'ERR No such master'
]

/**
 * Why Redis cannot be used with these settings: a wrong password, a missing right or database, another kind of
 * server, a certificate that is not trusted.
 * @returns undefined: it may just be away
 */
export function refusalOf(error: Error): StoreRefusal | undefined {
  const { lastNodeError } = error as { lastNodeError?: unknown }
  if (lastNodeError instanceof Error) return refusalOf(lastNodeError)
  const message = error.message.replace(/\.$/, '')
  // What ioredis makes out of the errors of Sentinels.
  const [, ofSentinel] = /^All sentinels are unreachable\..* Last error: (.*)$/s.exec(message) ?? []
  if (ofSentinel !== undefined) return refusalOf(new Error(ofSentinel))
  if (message.startsWith('Unknown RESP type'))
    return new StoreRefusal('it is no Redis, or speaks TLS, which is written rediss', { cause: error })
  if (refusals.some((begin) => message.startsWith(begin))) return new StoreRefusal(message, { cause: error })
  return connectionRefusal(error)
}

/** Without its database a connection would go on with the first one, among the data of others. */
export function isWithoutDatabase({ message }: Error): boolean {
  return /^ERR (invalid )?DB index|^ERR SELECT is not|^NOPERM .*\bselect\b/i.test(message)
}
