import type { FastifyInstance, FastifyReply } from 'fastify'
import type { OwnerFields } from '../../src/identity/owner-key.ts'
import { services } from '../../src/open-services.ts'
import { accountOf, nameOf } from '../../src/sessions/session-record.ts'

/** @returns `reply.signOut`, which ends each session whose cookie was sent, and records whose they were */
export function signingOut(app: FastifyInstance) {
  const { sessions } = app[services]

  return async function signOut(this: FastifyReply): Promise<void> {
    const { session, sentCookie } = this.request
    const { token, isSuperseded, others = [] } = sentCookie ?? {}
    // A former id ends the session by the empty one that the request was given for it.
    const ids = token && isSuperseded ? [...others, token.id] : others
    const found = await Promise.all(ids.map((id) => sessions.look(sessions.addressOf(id).key)))
    const ended = [signedOut(session, sessions.handleOf(session.sessionId))]
    for (const seen of found)
      if (seen) ended.push(signedOut(seen.record, sessions.handleOf({ key: seen.key, secret: undefined })))
    for (const id of others) await sessions.revoke(id)
    await session.destroy()
    this.dropPendingSignIn()
    for (const who of ended) if (who.name !== undefined) await this.request.audit('sign-out', who)
  }
}

function signedOut(record: OwnerFields, session: string) {
  return { name: nameOf(record), account: accountOf(record), session }
}
