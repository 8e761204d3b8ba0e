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
    fastifySession(face, options, (error) => (error ? reject(error) : resolve(onSend)))
  })
}

/** @fastify/session keeps it under a symbol of its own. */
export function requestOf(session: object): FastifyRequest {
  const symbol = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'request')
  return Reflect.get(session, symbol ?? 'request')
}
