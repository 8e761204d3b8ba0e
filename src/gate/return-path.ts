import { atRoot, type PublicPaths } from '../web/public-paths.ts'
import { type GateSettings, gateAddress } from './gate-hosts.ts'
import { maxReturnLength } from './return-link.ts'

const base = 'http://this-site.invalid'

export interface ReturnPathOptions {
  /** The path after sign-in when no page was requested. */
  readonly home: string
  readonly config: GateSettings
  readonly paths: PublicPaths
}

/**
 * Where to go after sign-in: a path of this site, or the address of an app behind the gate. Whatever any
 * browser or proxy could read as something else becomes `home` (ASVS 3.7.2), and so do the pages of sign-in
 * and sign-out themselves. A fragment is given up alone: people wrote it, or the page's script added it.
 * @param wanted the parameter `next`: untrusted input
 */
export function returnPath(wanted: unknown, { home, config, paths }: ReturnPathOptions): string {
  if (typeof wanted !== 'string') return home
  const page = wanted.replace(/#.*$/s, '')
  for (const place of page === wanted ? [page] : [wanted, page]) {
    const found = gateAddress(place, config) ?? pathIn(place, paths)
    if (found !== undefined) return found
  }
  return home
}

/** The same for paths of this site only. */
export function localPath(wanted: unknown, home: string): string {
  return (typeof wanted === 'string' && pathIn(wanted, atRoot)) || home
}

function pathIn(wanted: string, paths: PublicPaths): string | undefined {
  if (wanted.length > maxReturnLength) return undefined
  if (decode(wanted) === undefined || !decodings(wanted).every(isLocal)) return undefined
  // As a browser writes it, because a header cannot carry every character.
  const { pathname, search, hash } = new URL(wanted, base)
  const path = pathname + search + hash
  const isSignIn = paths.isSignInPage(decode(pathname) ?? '')
  return isSignIn || path.length > maxReturnLength ? undefined : path
}

/** Nobody decodes an address so often, and a thousand decodings of one would block everybody. */
const maxDecodings = 10

/**
 * The path as written, and as decoded once, twice and so on. With too many decodings, one is not acceptable.
 */
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
