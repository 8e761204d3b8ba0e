import type { PublicPaths } from '../web/public-paths.ts'

/**
 * `href="/` and the like as HTML allows them, without quotes in a tag only, and whether that is all of the path; with `admin`, if
 * that comes next. `//` begins the address of another host.
 */
const pathFromRoot =
  /(?<=\s(?:href|src|action|formaction)\s*=\s*["']|<[a-z][^<>]*\s(?:href|src|action|formaction)\s*=\s*)\/(?![/\\])(?:(?=(["'?#\s>]))|admin(?=[/"'?#\s>])|)/gi

/**
 * Views write the paths of Latchkey's pages from the root, `/login`, and `/` for the start page of the app. Here they
 * become what browsers follow, when a view is compiled: a view knows nothing of the place where the service is.
 */
export function withPublicPaths(view: string, paths: PublicPaths): string {
  return view.replace(pathFromRoot, (path: string, end?: string) =>
    end === undefined ? paths.ofPage(path) : paths.start
  )
}
