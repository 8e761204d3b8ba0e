import type { FastifyRequest } from 'fastify'
import type { LoadedSession } from '../../src/sessions/sessions.ts'

/** A session that a request has begun or renewed: the browser gets its cookie with the response. */
export interface OpenedSession {
  readonly id: string
  readonly session: LoadedSession
}

declare module 'fastify' {
  interface FastifyRequest {
    openedSession?: OpenedSession | undefined
  }
}

/** From now on this is the session of the request. `request.session` is made of it when somebody asks. */
export function openSession(request: FastifyRequest, opened: OpenedSession): void {
  request.openedSession = opened
  request.sessionObject = undefined
}
