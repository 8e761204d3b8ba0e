const space = 0x20
const tab = 0x09

/**
 * The first value for a name in a Cookie header. Names are compared exactly, and only space and tab are
 * trimmed (RFC 6265bis §5.6): for a browser `\xA0__Host-sid` is another name, which any sibling host may set.
 * @param name without blanks, `=` and `;`
 */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  return cookieValues(header, name, 1)[0]
}

/**
 * All values for a name in a Cookie header, in its order: cookies may differ in domain or path only. Values
 * are percent-decoded; quotation marks around a value are removed, as in express-session.
 * @param name without blanks, `=` and `;`
 * @param atMost stops after so many
 */
export function cookieValues(header = '', name: string, atMost = Number.POSITIVE_INFINITY): string[] {
  const values: string[] = []
  let start = 0
  while (start < header.length && values.length < atMost) {
    const semicolon = header.indexOf(';', start)
    const end = semicolon < 0 ? header.length : semicolon
    const valueAt = startOfValue(header, name, start)
    if (valueAt !== undefined) values.push(decoded(trimmed(header, valueAt, end)))
    start = end + 1
  }
  return values
}

/** @returns undefined if the pair that begins at `start` has another name */
function startOfValue(header: string, name: string, start: number): number | undefined {
  const nameAt = skipBlanks(header, start)
  if (!header.startsWith(name, nameAt)) return undefined
  const equalsAt = skipBlanks(header, nameAt + name.length)
  return header[equalsAt] === '=' ? equalsAt + 1 : undefined
}

function skipBlanks(header: string, start: number): number {
  let at = start
  while (isBlank(header, at)) at += 1
  return at
}

function trimmed(header: string, start: number, end: number): string {
  let first = start
  let last = end
  while (first < last && isBlank(header, first)) first += 1
  while (last > first && isBlank(header, last - 1)) last -= 1
  const isQuoted = last - first > 1 && header[first] === '"' && header[last - 1] === '"'
  return isQuoted ? header.slice(first + 1, last - 1) : header.slice(first, last)
}

function isBlank(header: string, at: number): boolean {
  const code = header.charCodeAt(at)
  return code === space || code === tab
}

function decoded(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
