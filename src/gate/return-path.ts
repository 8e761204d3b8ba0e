import { type GateSettings, gateAddress } from './gate-hosts.ts'

const base = 'http://this-site.invalid'

export interface ReturnPathOptions {
  /** A path: where signing in leads when nobody asked for another page. */
  readonly home: string
  readonly config: GateSettings
}

/**
 * Where to go after signing in. Only ever a path on this site, or the whole address of an app behind the gate:
 * whatever could be read as another one, by any browser or proxy, becomes `home` (ASVS 3.7.2), and so do the
 * pages of signing in and out themselves.
 * @param wanted what came as `next`, from anybody
 */
export function returnPath(wanted: unknown, { home, config }: ReturnPathOptions): string {
  return gateAddress(wanted, config) ?? localPath(wanted, home)
}

/** The same, of this site alone. */
export function localPath(wanted: unknown, home: string): string {
  if (typeof wanted !== 'string' || wanted.length > 2048) return home
  if (decode(wanted) === undefined || !decodings(wanted).every(isLocal)) return home
  // As the browser would write it: a header cannot carry every character.
  const { pathname, search, hash } = new URL(wanted, base)
  return /^\/(login|logout|register|confirm)$/.test(decode(pathname) ?? '') ? home : pathname + search + hash
}

/** So often nobody decodes an address, and looking at a thousand readings of one would hold up everybody. */
const maxDecodings = 10

/** A path as written, and as whoever decodes it once, twice or more often would read it; with too many none is one. */
function decodings(path: string, left = maxDecodings): string[] {
  const decoded = decode(path)
  if (decoded === undefined || decoded === path) return [path]
  return left === 0 ? [''] : [path, ...decodings(decoded, left - 1)]
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

function isLocal(path: string): boolean {
  if (!/^\/(?![/\\])/.test(path) || /[\p{Cc}\\]/u.test(path)) return false
  const url = URL.canParse(path, base) ? new URL(path, base) : undefined
  return url?.origin === base && !url.pathname.startsWith('//')
}
