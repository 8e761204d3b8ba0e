import { fastifySession } from '@fastify/session'
import type { FastifyInstance, FastifyRequest, onSendHookHandler } from 'fastify'
import { type Carrier, contentOf, Snapshot, snapshotKey } from '../../src/sessions/object/snapshot.ts'

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
 * The text that it hashes tells as much, and what was loaded or kept last is known without.
 */
function compareByText(session: object): void {
  const prototype = Object.getPrototypeOf(session)
  const [hash, persisted] = [symbolOf(prototype, 'hash'), symbolOf(session, 'persistedHash')]
  if (!hash || !persisted) return
  Object.defineProperties(prototype, {
    [hash]: {
      value(this: Carrier) {
        return this[snapshotKey] ?? currentContent(this)
      }
    },
    isModified: {
      value(this: object) {
        const kept = Reflect.get(this, persisted)
        return (kept instanceof Snapshot ? kept.content() : kept) !== currentContent(this)
      }
    }
  })
}

/** What JSON has no form for is a change, which saving refuses. */
function currentContent(session: object): string | symbol {
  try {
    return contentOf(session)
  } catch {
    return Symbol('no JSON')
  }
}

/** @fastify/session keeps it under a symbol of its own. */
export function requestOf(session: object): FastifyRequest {
  return Reflect.get(session, symbolOf(session, 'request') ?? 'request')
}

function symbolOf(owner: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(owner).find((symbol) => symbol.description === description)
}
