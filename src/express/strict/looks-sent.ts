import type { ServerResponse } from 'node:http'

const changing = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader'] as const
const isEnded = Symbol('is ended')

interface Held extends ServerResponse {
  [isEnded]: () => boolean
}

/**
 * Properties of a held response, shared by all that have the same prototype: properties of its own would give
 * each a hidden class of its own, which is slow, and would keep old requests alive.
 */
const held: PropertyDescriptorMap & ThisType<Held> = {
  headersSent: { get: () => true, configurable: true },
  writableEnded: {
    get() {
      return this[isEnded]()
    },
    configurable: true
  },
  ...Object.fromEntries(changing.map((name) => [name, { value: refuseHeaders, configurable: true }]))
}
const heldOnes = new WeakMap<object, object>()

/**
 * Makes a held response look sent: its headers cannot be changed, and code after `res.send()` cannot alter
 * it.
 * @returns a function that undoes it and restores the status
 */
export function lookSent(res: ServerResponse, whetherEnded: () => boolean): () => void {
  const { statusCode, statusMessage } = res
  const prototype = Object.getPrototypeOf(res)
  const own = Object.keys(held).flatMap((name) => {
    const property = Object.getOwnPropertyDescriptor(res, name)
    return property ? [[name, property] as const] : []
  })
  for (const [name] of own) Object.defineProperty(res, name, held[name] ?? {})
  Object.assign(res, { [isEnded]: whetherEnded })
  Object.setPrototypeOf(res, heldLike(prototype))
  return () => {
    Object.setPrototypeOf(res, prototype)
    for (const [name, property] of own) Object.defineProperty(res, name, property)
    Object.assign(res, { statusCode, statusMessage })
  }
}

function heldLike(prototype: object): object {
  const known = heldOnes.get(prototype) ?? Object.create(prototype, held)
  heldOnes.set(prototype, known)
  return known
}

/** As Node does. */
export function refuseHeaders(): never {
  const error = new Error('Cannot set headers after they are sent to the client')
  throw Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' })
}
