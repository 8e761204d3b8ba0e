import type { SessionOptions, Store } from 'express-session'

const names = new WeakMap<object, string>()

/** Notes what the cookie is called under which a middleware hands out the sessions of its store. */
export function noteCookieName(store: Store, options: SessionOptions | undefined): void {
  // `key` is what `name` was called once, and express-session still knows it.
  const key = options && Reflect.get(options, 'key')
  names.set(store, options?.name || key || 'connect.sid')
}

export function cookieNameOf(store: Store): string {
  return names.get(store) ?? 'connect.sid'
}
