/** In characters. */
export const shortestSecret = 12

/**
 * The first line that holds a secret. Thousands of both are compared in one go over the text, as Rabin and Karp do:
 * by a sum over each twelve characters that follows from the last.
 */
export function findSecret(lines: readonly string[], secrets: Iterable<string>) {
  const bySum = Map.groupBy(secrets, (secret) => sumOf(secret))
  // Nearly all sums are nobody's, which an array says sooner than the map.
  const known = new Uint8Array(0x10000)
  for (const sum of bySum.keys()) known[shortened(sum)] = 1
  for (const line of lines) {
    if (line.length < shortestSecret) continue
    let sum = sumOf(line)
    for (let end = shortestSecret; ; end++) {
      if (known[shortened(sum)] === 1) {
        const secret = bySum.get(sum)?.find((secret) => line.startsWith(secret, end - shortestSecret))
        if (secret) return { secret, line }
      }
      if (end === line.length) break
      const gone = Math.imul(line.charCodeAt(end - shortestSecret), highest)
      sum = (Math.imul(sum - gone, base) + line.charCodeAt(end)) | 0
    }
  }
  return undefined
}

const base = 0x9e3779b1
let highest = 1
for (let n = 1; n < shortestSecret; n++) highest = Math.imul(highest, base)

function sumOf(text: string): number {
  let sum = 0
  for (let n = 0; n < shortestSecret; n++) sum = (Math.imul(sum, base) + text.charCodeAt(n)) | 0
  return sum
}

function shortened(sum: number): number {
  return Math.imul(sum, base) >>> 16
}
