import type { ServerResponse } from 'node:http'

const changing = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader'] as const

/**
 * Makes a response look sent that is held back: its headers cannot be changed, and what code goes on doing after
 * `res.send()` does not alter what was sent.
 * @returns what undoes it, with the status as it was
 */
export function lookSent(res: ServerResponse, isEnded: () => boolean): () => void {
  const { statusCode, statusMessage } = res
  const undo = [
    replace(res, 'headersSent', { get: () => true }),
    replace(res, 'writableEnded', { get: isEnded }),
    ...changing.map((name) => replace(res, name, { value: refuseHeaders }))
  ]
  return () => {
    for (const step of undo) step()
    res.statusCode = statusCode
    res.statusMessage = statusMessage
  }
}

function replace(res: ServerResponse, name: string, face: PropertyDescriptor): () => void {
  const before = Object.getOwnPropertyDescriptor(res, name)
  Object.defineProperty(res, name, { ...face, configurable: true })
  return () => {
    Reflect.deleteProperty(res, name)
    if (before) Object.defineProperty(res, name, before)
  }
}

/** As Node does. */
export function refuseHeaders(): never {
  const error = new Error('Cannot set headers after they are sent to the client')
  throw Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' })
}
