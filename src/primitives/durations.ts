const secondsPer = { s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * `45s`, `30m`, `12h`, `30d`, in milliseconds; from one second to 400 days, the longest life of a cookie.
 * @throws {Error} with a message that completes a sentence starting with the name of the setting
 */
export function parseDuration(value: string): number {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(value) ?? []
  const seconds = Number(amount) * secondsPer[unit as keyof typeof secondsPer]
  if (seconds >= 1 && seconds <= 400 * secondsPer.d) return seconds * 1000
  throw new Error(`is "${value}", it must be a duration such as 45s, 30m, 12h or 30d, of at most 400d`)
}

/**
 * `500ms`, `2s`, in milliseconds; from 100ms to 60s.
 * @throws {Error} with a message that completes a sentence starting with the name of the setting
 */
export function parsePatience(value: string): number {
  const [, amount, unit] = /^(\d{1,5})(ms|s)$/.exec(value) ?? []
  const milliseconds = Number(amount) * (unit === 's' ? 1000 : 1)
  if (milliseconds >= 100 && milliseconds <= 60_000) return milliseconds
  throw new Error(`is "${value}", it must be a duration from 100ms to 60s, such as 500ms or 2s`)
}
