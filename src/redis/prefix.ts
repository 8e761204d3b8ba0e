/** In front of the keys of sessions, as connect-redis has it. */
export const defaultPrefix = 'sess:'

/**
 * Parses REDIS_PREFIX: the `prefix` of connect-redis. A key that begins with it is taken for a session.
 * @throws {Error} with a message that continues after the setting's name
 */
export function parseRedisPrefix(value: string): string {
  if (/^[\w.:/@-]{0,63}:$/.test(value)) return value
  throw new Error(
    `is "${value}", it must be up to 64 letters, digits and . : / @ _ -, with a colon at its end`
  )
}

/** Other keys of ours begin with it, and none of them is taken for a session: `sess` for `sess:`. */
export function ownPrefix(prefix: string): string {
  return prefix.replace(/:+$/, '')
}
