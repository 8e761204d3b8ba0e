import type { SessionOptions, Store } from 'express-session'

const names = new WeakMap<object, string>()

/** Stores the cookie name that a middleware uses for the sessions of its store. */
export function noteCookieName(store: Store, options: SessionOptions | undefined): void {
  // `key` is the former name of `name`; express-session still accepts it.
  const key = options && Reflect.get(options, 'key')
  names.set(store, options?.name || key || 'connect.sid')
}

export function cookieNameOf(store: Store): string {
  return names.get(store) ?? 'connect.sid'
}
