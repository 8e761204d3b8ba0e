/**
 * The types of `latchkey/express` as packages get them: those of @types/express-session, so that what their users have
 * written compiles unchanged, and Latchkey's own. Written by hand, because only `export =` of a namespace gives
 * `session.SessionData` as well as `require`, and so that no type of our inside is checked with the app's options.
 * `index.ts` checks that what it exports has these types.
 */
import expressSession = require('express-session')

type Middleware = ReturnType<typeof expressSession>
type Request = Parameters<Middleware>[0]
type Whole = typeof session

declare module 'express-session' {
  // Here and not in SessionData, where most apps declare a `user` of their own.
  interface Session extends session.SignedInFields {}
}

/**
 * Makes the middleware that express-session documents, with its options and behaviour.
 * @throws {TypeError} for options that express-session refuses
 * @throws {ConfigError} when a setting of Latchkey's store, or an origin in `trustedOrigins`, is wrong
 */
declare function session(options?: session.SessionOptions): session.SessionMiddleware

declare namespace session {
  export import Cookie = expressSession.Cookie
  export import CookieOptions = expressSession.CookieOptions
  export import MemoryStore = expressSession.MemoryStore
  export import Session = expressSession.Session
  export import SessionData = expressSession.SessionData
  export import Store = expressSession.Store

  /** What `signIn` and the service write. */
  interface SignedInFields {
    /** The name of who is signed in, unless the app declares a `user` of another type. */
    user?: UserField
  }

  /**
   * `unknown` is the app's own type in `req.session`, which is `Session & Partial<SessionData>`. Only the app's own
   * declaration in Session is not optional.
   */
  type UserField = 'user' extends keyof SessionData
    ? unknown
    : Record<never, never> extends Pick<Session, 'user'>
      ? string
      : // biome-ignore lint/suspicious/noExplicitAny: any other type would refuse the app's.
        any

  /** express-session's options, and Latchkey's. */
  interface SessionOptions extends expressSession.SessionOptions {
    /**
     * Settings that override the environment, such as `{ REDIS_URL: 'redis://localhost' }`. With them, or with
     * REDIS_URL in the environment, and without a `store`, Latchkey stores the sessions; else express-session's
     * MemoryStore does.
     */
    readonly settings?: Readonly<Record<string, string | undefined>> | undefined
    /**
     * A response is sent only after the session is saved, and a failing store is an error for the application's
     * error handler. The default is true with Latchkey's store, and false with any other, which behaves as
     * documented.
     */
    readonly strict?: boolean | undefined
    /**
     * Origins whose pages may open WebSockets with a session, beside the application's own, as in TRUSTED_ORIGINS:
     * `https://www.example.org`, `https://*.example.org`, `capacitor://localhost`.
     */
    readonly trustedOrigins?: readonly string[] | undefined
  }

  /** The middleware, and its store. */
  type SessionMiddleware = Middleware & { readonly store: Store }

  interface RequireUserOptions {
    /** The sign-in page: a path, or the address of the service. By default `/login`, of the app that this one is mounted in. */
    readonly loginUrl?: string | undefined
    /**
     * How long ago the user may have proved who they are, such as `10m` (ASVS 7.5.3): in the service, or to
     * the app, which says so by `signIn`.
     */
    readonly within?: string | undefined
    /**
     * How many factors: two in the last day, unless `within` says how long. `phishing-resistant` is two, one of them a
     * passkey; `all` is two for whoever has signed in with two.
     */
    readonly factors?: 1 | 2 | 'phishing-resistant' | 'all' | undefined
    /**
     * A group that the user must be in, or several of which one is enough, by what the account is at this request. It needs
     * the accounts database: with sessions in Redis, ACCOUNTS_URL. Whom the app signs in by a name alone is in no group.
     */
    readonly group?: string | readonly string[] | undefined
    /** The page that asks for what is missing. By default `loginUrl`; without it `/confirm`, beside `/login`. */
    readonly confirmUrl?: string | undefined
  }

  interface SignInOptions {
    /** What the app has verified: `['password']` by default. */
    readonly proofs?: readonly ('password' | 'totp' | 'recovery' | 'passkey' | 'verified')[] | undefined
    /** Stay signed in when the browser closes. */
    readonly remember?: boolean | undefined
  }

  /** The store of `session({ settings })`. Only `session` makes one. */
  abstract class LatchkeyStore extends Store {
    constructor(...never: never[])
    /** Closes the connection or the file. The store cannot be used afterwards. */
    readonly close: () => Promise<void>
  }

  const session: Whole

  /**
   * Requires a signed-in user: `req.session.user` is the name. Otherwise a browser is redirected to sign-in and
   * back; any other client gets 401 through the application's error handler.
   */
  function requireUser(options?: RequireUserOptions): Middleware

  /**
   * A signal that aborts within a second of the end of the request's session, however and wherever it ended: for
   * connections that stay open, such as WebSockets, after the session middleware has run. At once if nobody is signed
   * in. Its `reason` has a `code`: LATCHKEY_SESSION_ENDED, LATCHKEY_SESSION_EXPIRED, LATCHKEY_SESSION_UNKNOWN (the
   * store did not answer for five seconds) or LATCHKEY_SIGN_IN_REQUIRED (nobody).
   * @throws {TypeError} when the session is not in Latchkey's store
   */
  function signedIn(req: Request): AbortSignal

  /**
   * Signs a user in under a new session id, after the app has verified the password or what it has in its place: that is
   * the proof that `within` asks for. The old session ends after the new one is stored.
   * @param name the value of `req.session.user`, here and in the service
   */
  function signIn(req: Request, name: string, options?: SignInOptions): Promise<void>

  /** Ends the session in the store, and clears the cookie. Does nothing if nobody is signed in. */
  function signOut(req: Request): Promise<void>
}

export = session
