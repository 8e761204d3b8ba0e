/** In characters. */
export const shortestSecret = 12

/**
 * The first line that contains a secret. Compares thousands of both in one pass, as Rabin and Karp do: with a
 * rolling hash over twelve characters.
 */
export function findSecret(lines: readonly string[], secrets: Iterable<string>) {
  const bySum = Map.groupBy(secrets, (secret) => sumOf(secret))
  // Most hashes match nothing, which an array tells faster than the map.
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
