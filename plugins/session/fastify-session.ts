import { fastifySession } from '@fastify/session'
import type { FastifyInstance, FastifyRequest, onSendHookHandler } from 'fastify'

type Options = Parameters<typeof fastifySession>[1]
type OnSend = onSendHookHandler

/**
 * Registers @fastify/session without its own way of loading: `request.session` is ours, and its hook that
 * saves is called where there is something to save.
 */
export function registerSession(app: FastifyInstance, options: Options): Promise<OnSend> {
  return new Promise((resolve, reject) => {
    let onSend: OnSend
    const face = Object.create(app, {
      addHook: {
        value: (hook: string, handler: OnSend) => {
          if (hook === 'onSend') onSend = handler
        }
      },
      decorate: { value: app.decorate.bind(app) },
      decorateRequest: { value: () => {} }
    })
    fastifySession(face, options, (error) => {
      if (error) return reject(error)
      app.decryptSession('', firstRequest(), () => {})
      resolve(onSend)
    })
  })
}

/** Of nobody: to get hold of what all sessions have in common. */
function firstRequest(): FastifyRequest {
  return Object.defineProperty(Object.create(null), 'session', { set: compareByText })
}

/**
 * @fastify/session finds out what was changed by hashing the whole session, three times a request that changes it.
 * The text that it hashes tells as much, and costs a quarter.
 */
function compareByText(session: object): void {
  const prototype = Object.getPrototypeOf(session)
  const hash = Object.getOwnPropertySymbols(prototype).find(({ description }) => description === 'hash')
  if (hash) Object.defineProperty(prototype, hash, { value: textOf })
}

/** All but the cookie, which does not count. What JSON has no form for is a change, which saving refuses. */
function textOf(this: object): string | symbol {
  try {
    let text = ''
    for (const [key, value] of Object.entries(this)) {
      const json = key === 'cookie' ? undefined : JSON.stringify(value)
      if (json !== undefined) text += JSON.stringify(key) + json
    }
    return text
  } catch {
    return Symbol('no JSON')
  }
}

/** @fastify/session keeps it under a symbol of its own. */
export function requestOf(session: object): FastifyRequest {
  const symbol = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'request')
  return Reflect.get(session, symbol ?? 'request')
}
