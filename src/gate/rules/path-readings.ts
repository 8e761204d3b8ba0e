import { foldCase } from './path-pattern.ts'

/** Every way in which an app may read a path. */
export interface PathReadings {
  /** By an app for which upper and lower case differ. */
  readonly exact: readonly string[]
  /** By an app for which they do not, in the case of `foldCase`; the same list if no reading has capitals. */
  readonly folded: readonly string[]
}

/** Longer than any path that people use. */
const maxLength = 4096
/** Each rule with `**` looks at all of them, before anybody has signed in. */
const maxSegments = 256
/** An address in use has a few; nobody needs more. */
const maxReadings = 64
/** What every app reads alike, except for its case: nothing encoded, and no empty segment or dot at its edge. */
const plain = /^(\/[\w~$&'()*+,=:@!-]+(\.+[\w~$&'()*+,=:@!-]+)*)*\/?$/
/** What an address can contain only percent-encoded: each app decodes it, or nobody could have it in a path. */
const encodedByNeed = /(%[89a-f][0-9a-f])+|%(20|22|3c|3e|5e|60|7b|7c|7d)/gi

/** The same without capitals. */
const plainest = /^(\/[a-z0-9_~$&'()*+,=:@!-]+(\.+[a-z0-9_~$&'()*+,=:@!-]+)*)*\/?$/

/** The end of a file's name on Windows that means the file itself: `secret.txt::$DATA`, `admin:$I30:$INDEX_ALLOCATION`. */
const stream = /:[^/:]*:\$[a-z_]+(?=\/|$)/gi

/** One dot: older versions of Windows read `...` as `..`. Those two and `.` are no names. */
const dotAtEnd = /(?<=[^/.]|[^/]{2})\.(?=\/|$)/g

/** The path if there is one way to read it, in whatever case; most paths are so. @param target see pathReadings */
export function plainPath(target: string): string | undefined {
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  const isPlain = plainest.test(path) && !path.includes(':$')
  return !isTooLong(path) && path !== '' && isPlain ? path : undefined
}

/**
 * Every way in which an app may read a path: as it is written, percent-decoded once or more often, with `\` as `/`,
 * with `//` as `/`, without the host that stands after `//` at its beginning, without parameters after `;`, without
 * `.` and `..`, up to an encoded `?` or `#`, without dots and spaces or the name of a stream at the end of a segment
 * (as Windows does), in one case, and all of these together in any order.
 * @param target the path as it was sent, perhaps with a query
 * @returns undefined if it cannot be read: broken encoding, no UTF-8, control characters, too long, too many ways
 */
export function pathReadings(target: string): PathReadings | undefined {
  const [path = ''] = target.split('?', 1)
  if (isTooLong(path) || !path.startsWith('/')) return undefined
  if (plain.test(path) && !path.includes(':$')) {
    const exact = [path]
    const folded = foldCase(path)
    return { exact, folded: folded === path ? exact : [folded] }
  }
  if (!isWellEncoded(path)) return undefined
  const exact = closure([path.replace(encodedByNeed, decodeURIComponent)], changes)
  if (!exact) return undefined
  if (exact.every((reading) => foldCase(reading) === reading)) return { exact, folded: exact }
  const folded = closure(exact.map(foldCase), [...changes, foldCase])
  return folded && { exact, folded: folded.filter((reading) => foldCase(reading) === reading) }
}

type Change = (path: string) => string

/** Each changes nothing of a path that has no use for it. */
const changes: readonly Change[] = [
  decodeOnce,
  (path) => path.replaceAll('\\', '/'),
  (path) => path.replace(/\/{2,}/g, '/'),
  withoutHost,
  (path) => path.replace(/;[^/]*/g, ''),
  withoutDots,
  (path) => path.split(/[?#]/, 1)[0] ?? '',
  (path) => path.replace(/ (?=\/|$)/g, ''),
  (path) => path.replace(stream, ''),
  (path) => path.split('/').map(withoutEnd).join('/'),
  (path) => path.replace(dotAtEnd, '')
]

/** All that comes of the changes in any order; undefined if that is too much, or is no path. */
function closure(paths: readonly string[], changes: readonly Change[]): string[] | undefined {
  const found = new Set(paths)
  // A Set that is walked meets what is added meanwhile.
  for (const path of found) {
    if (found.size > maxReadings || isTooLong(path) || /\p{Cc}/u.test(path)) return undefined
    for (const change of changes) found.add(change(path))
  }
  return [...found]
}

function isTooLong(path: string): boolean {
  // Most are too short to have so many.
  if (path.length <= maxSegments) return false
  return path.length > maxLength || path.split('/', maxSegments + 2).length > maxSegments + 1
}

function isWellEncoded(path: string): boolean {
  try {
    decodeURIComponent(path)
    return path.isWellFormed()
  } catch {
    return false
  }
}

/** What is not encoded well stays: it was encoded twice. */
function decodeOnce(path: string): string {
  return path.replace(/(%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return encoded
    }
  })
}

/** `//x/admin` is `/admin` at the host x for an app that resolves it against its own address (RFC 3986 §4.2). */
function withoutHost(path: string): string {
  return path.replace(/^\/{2,}[^/]*/, '') || '/'
}

/** RFC 3986 §5.2.4; more `..` than segments lead to the root. */
function withoutDots(path: string): string {
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  const isFolder = /^\.{1,2}$/.test(segments.at(-1) ?? '')
  return `/${kept.join('/')}${isFolder && kept.length > 0 ? '/' : ''}`
}

/** `admin. .` is `admin` on Windows; `.` and `..` are no names. */
function withoutEnd(segment: string): string {
  if (/^\.{0,2}$/.test(segment)) return segment
  let end = segment.length
  while (end > 0 && (segment[end - 1] === '.' || segment[end - 1] === ' ')) end--
  return segment.slice(0, end)
}
