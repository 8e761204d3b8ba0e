export interface StoredCookie {
  readonly name: string
  readonly value: string
  /** undefined: for the host alone. */
  readonly domain: string | undefined
  readonly path: string
  readonly expires?: string | undefined
}

/** Cookies of one host, told apart by name, domain and path as in a browser (RFC 6265 §5.3). */
export class CookieJar {
  readonly #host: string
  readonly cookies: StoredCookie[] = []

  constructor(host: string) {
    this.#host = host
  }

  /** Takes Set-Cookie lines, in their order; one for a domain that is not the host's has no effect. */
  take(lines: readonly string[]): void {
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const attribute = (wanted: string) => new RegExp(`; ${wanted}=([^;]*)`, 'i').exec(line)?.[1]
      const domain = attribute('domain')
      if (domain !== undefined && !`.${this.#host}`.endsWith(`.${domain}`)) continue
      const cookie = { name, value, domain, path: attribute('path') ?? '/', expires: attribute('expires') }
      const isOver = attribute('max-age') === '0' || new Date(cookie.expires ?? '9999').getTime() === 0
      const at = this.cookies.findIndex((other) => isSame(other, cookie))
      if (isOver) this.cookies.splice(at, at < 0 ? 0 : 1)
      else if (at < 0) this.cookies.push(cookie)
      else this.cookies[at] = cookie
    }
  }

  /** Adds one before or after the others, in place of the same one. */
  put(cookie: StoredCookie, isFirst: boolean): void {
    const others = this.cookies.filter((other) => !isSame(other, cookie))
    this.cookies.splice(0, this.cookies.length, ...(isFirst ? [cookie, ...others] : [...others, cookie]))
  }

  /** The Cookie header: all cookies, or those for a path, the longest first (RFC 6265 §5.4). */
  header(path?: string): string {
    const sent =
      path === undefined
        ? this.cookies
        : this.cookies
            .filter((cookie) => isUnder(path, cookie.path))
            .toSorted((one, other) => other.path.length - one.path.length)
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ')
  }
}

/** RFC 6265 §5.1.4. */
function isUnder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

function isSame(one: StoredCookie, other: StoredCookie): boolean {
  return one.name === other.name && one.domain === other.domain && one.path === other.path
}
