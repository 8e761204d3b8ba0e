import session from './types.cjs'

/** `types.d.cts` for `import`. */
export {
  Cookie,
  CookieOptions,
  LatchkeyStore,
  MemoryStore,
  RequireUserOptions,
  requireUser,
  Session,
  SessionData,
  SessionMiddleware,
  SessionOptions,
  SignInOptions,
  Store,
  signedIn,
  signIn,
  signOut
} from './types.cjs'
export { session, session as default }
