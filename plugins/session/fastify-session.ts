import cookie from '@fastify/cookie'
import session, { type FastifySessionOptions } from '@fastify/session'
import type { FastifyInstance } from 'fastify'
import { skipHashing } from './unhashed-session.ts'

/** What Latchkey uses of the two packages. */
export type Registered = Pick<FastifyInstance, 'decryptSession' | 'serializeCookie'>

/**
 * Registers @fastify/session, and @fastify/cookie which it needs, in a scope without routes. There their
 * hooks run for no request, and the app is free to register @fastify/cookie itself, before Latchkey or after
 * it.
 */
export async function registerSession(
  app: FastifyInstance,
  options: FastifySessionOptions
): Promise<Registered> {
  const { promise, resolve } = Promise.withResolvers<Registered>()
  await app.register(async (scope) => {
    if (!scope.hasPlugin('@fastify/cookie')) await scope.register(cookie)
    await scope.register(session, options)
    const { decryptSession, serializeCookie } = scope
    resolve({ decryptSession, serializeCookie })
  })
  const registered = await promise
  const nobodys: { session?: object } = {}
  registered.decryptSession('', nobodys, () => nobodys.session && skipHashing(nobodys.session))
  return registered
}
