/**
 * A path of a rule: it and everything beneath it. `*` stands for any characters within a segment, `**` for any number
 * of segments. A slash at the end makes no difference.
 */
export interface PathPattern {
  /** As it was written. */
  readonly text: string
  readonly segments: readonly string[]
  /** The same in the case of `foldCase`. */
  readonly folded: readonly string[]
  /** Whether both are the same. */
  readonly isFolded: boolean
  /** Without a slash at its end, if it has no `*`: `''` for `/`. In the case as written, and in the other one. */
  readonly prefix: string | undefined
  readonly foldedPrefix: string | undefined
}

/** @param text begins with `/` */
export function pathPattern(text: string): PathPattern {
  const segments = segmentsOf(text)
  const folded = segments.map(foldCase)
  const isFolded = segments.every((segment, index) => segment === folded[index])
  const prefix = text.includes('*') ? undefined : text.replace(/\/$/, '')
  return { text, segments, folded, isFolded, prefix, foldedPrefix: prefix && foldCase(prefix) }
}

/** Whether a path is at this pattern or beneath it. @param isFolded whether the path is in the case of `foldCase` */
export function isAt(pattern: PathPattern, path: string, isFolded: boolean): boolean {
  const prefix = isFolded ? pattern.foldedPrefix : pattern.prefix
  if (prefix === undefined) return matchesPath(isFolded ? pattern.folded : pattern.segments, segmentsOf(path))
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')
}

/** The segments of a path; empty for `/`. */
function segmentsOf(path: string): string[] {
  return path === '/' || path === '' ? [] : path.slice(1, path.endsWith('/') ? -1 : undefined).split('/')
}

/** A path as a program reads it that takes upper and lower case, and compatibility forms, for the same. */
export function foldCase(path: string): string {
  return isLowerAscii(path) ? path : path.normalize('NFKC').toUpperCase().toLowerCase()
}

function isLowerAscii(path: string): boolean {
  return /^[\x21-\x40\x5b-\x7e]*$/.test(path)
}

/** Whether a path is at a pattern or beneath it. In linear time for each `**`, and for each `*`. */
export function matchesPath(pattern: readonly string[], path: readonly string[]): boolean {
  let [at, from] = [0, 0]
  /** After the last `**`: where the pattern goes on, and from which segment it is tried. */
  let [resumeAt, resumeFrom] = [-1, 0]
  while (at < pattern.length) {
    const part = pattern[at] ?? ''
    if (part === '**') {
      at++
      resumeAt = at
      resumeFrom = from
    } else if (from < path.length && matchesSegment(part, path[from] ?? '')) {
      at++
      from++
    } else if (resumeAt >= 0 && resumeFrom < path.length) {
      resumeFrom++
      at = resumeAt
      from = resumeFrom
    } else return false
  }
  return true
}

function matchesSegment(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text
  const [first = '', ...parts] = pattern.split('*')
  const last = parts.pop() ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false
  const end = text.length - last.length
  let from = first.length
  // The leftmost place of each part leaves the most for the others.
  for (const part of parts) {
    const found = text.indexOf(part, from)
    if (found < 0 || found + part.length > end) return false
    from = found + part.length
  }
  return true
}
