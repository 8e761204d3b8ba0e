/** Where the service, or the app that uses Latchkey, is for browsers. */
export interface Place {
  /** Its path is what a proxy in front takes off; it may end with the prefix of the app, or with both below. */
  readonly publicUrl: URL | undefined
  /** Fastify's prefix of the app; '' for none. */
  readonly appPrefix?: string
  /** A further prefix of Latchkey's own pages; '' for none. */
  readonly pagesPrefix?: string
  /** Where the pages of administrators are, below that prefix; undefined: there are none. */
  readonly admin?: string | undefined
}

/** Under which path views and routes know the pages of administrators. */
const adminPath = /^\/admin(?=[/?#]|$)/

/** The pages to which nobody comes back after signing in. */
const signInPages = ['/login', '/login/code', '/login/setup', '/logout', '/register', '/confirm']

/**
 * Makes the paths that browsers follow, in links, forms, redirects and cookies. Nothing else does: under
 * `https://example.org/auth` and in an app registered under `/shop`, a path from the root leads elsewhere.
 */
export class PublicPaths {
  /** What browsers have in front of the paths that the server is asked for. */
  readonly outer: string
  /** In front of the app's paths: '' or `/auth/shop`. */
  readonly app: string
  /** In front of the paths of Latchkey's pages. */
  readonly pages: string
  /** The same as an address if PUBLIC_URL is set, else as a path. */
  readonly pagesUrl: string
  /** In front of the paths of administrators' pages; undefined: there are none. */
  readonly admin: string | undefined
  readonly #publicUrl: URL | undefined
  readonly #signInPages: ReadonlySet<string>

  constructor({ publicUrl, appPrefix = '', pagesPrefix = '', admin }: Place) {
    const path = basePath(publicUrl)
    this.#publicUrl = publicUrl
    const prefix = withoutSlash(appPrefix)
    const inner = prefix + withoutSlash(pagesPrefix)
    const own = [inner, prefix].find((end) => path.endsWith(end)) ?? ''
    this.outer = path.slice(0, path.length - own.length)
    this.app = this.outer + prefix
    this.pages = this.outer + inner
    this.pagesUrl = (publicUrl?.origin ?? '') + this.pages
    this.admin = admin === undefined ? undefined : this.pages + withoutSlash(admin)
    this.#signInPages = new Set(signInPages.map((page) => this.ofPage(page)))
  }

  /** The start page of the app. */
  get start(): string {
    return this.ofApp('/')
  }

  /** @param path of a page or file of Latchkey: `/login`. Those below `/admin` are where they were put. */
  ofPage(path: string): string {
    const { admin, pages } = this
    return admin !== undefined && adminPath.test(path) ? admin + path.slice('/admin'.length) : pages + path
  }

  /**
   * The address of a page for mails and other programs, whatever host a request names.
   * @param port of this service, which counts while PUBLIC_URL is not set
   */
  urlOfPage(path: string, port: number): string {
    return (this.#publicUrl?.origin ?? `http://localhost:${port}`) + this.ofPage(path)
  }

  /** @param path of the app, without its prefix */
  ofApp(path: string): string {
    return this.app + path
  }

  /** @param url of a request as the server got it, `request.url` */
  ofRequest(url: string): string {
    return this.outer + url
  }

  /** @param path as browsers have it */
  isSignInPage(path: string): boolean {
    return this.#signInPages.has(path)
  }
}

/** Of an app that is at the root of its host. */
export const atRoot = new PublicPaths({ publicUrl: undefined })

/** The path in PUBLIC_URL: '' for none, else without a slash at its end. */
export function basePath(publicUrl: URL | undefined): string {
  return withoutSlash(publicUrl?.pathname ?? '')
}

/** Takes a base path off an address, if it is there: proxies may have done so already. */
export function withoutBase(url: string, base: string): string {
  if (!url.startsWith(base)) return url
  const rest = url.slice(base.length)
  if (rest === '' || rest.startsWith('?')) return `/${rest}`
  return rest.startsWith('/') ? rest : url
}

/** Characters that mean the same in an address, a cookie's Path and a route. */
const plainPath = /^(\/[\w.~-]+)+\/?$/

/** Whether it can be a base path or a prefix: no parameters, nothing to be encoded. */
export function isPlainPath(path: string): boolean {
  return plainPath.test(path) && !/\/\.{1,2}(\/|$)/.test(path)
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}
