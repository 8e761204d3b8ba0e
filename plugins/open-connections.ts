import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { SignInRequiredError } from '../src/errors/errors.ts'
import { ownerKeyOf } from '../src/identity/owner-key.ts'
import { services } from '../src/open-services.ts'
import { type SessionRecord, userOf } from '../src/sessions/session-record.ts'
import { storedSession } from './session/stored-session.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Aborts within a second of the end of the session, however and wherever it ended: for connections that stay open.
     * At once if nobody is signed in. Its `reason` has a `code`: LATCHKEY_SESSION_ENDED, LATCHKEY_SESSION_EXPIRED,
     * LATCHKEY_SESSION_UNKNOWN (the store did not answer for five seconds) or LATCHKEY_SIGN_IN_REQUIRED (nobody).
     *
     * An open connection is no use of the session, which ends at its idle timeout. After the connection is closed
     * the signal does not abort any more.
     */
    readonly signedIn: AbortSignal
    /** The request itself; a promise if it is open for long, where the session is looked at again. */
    presentSession(): PresentSession | Promise<PresentSession>
  }
}

type SessionData = Readonly<Partial<SessionRecord>>
export type PresentSession = Pick<FastifyRequest, 'sessionData' | 'sessionUser'>

/** What was loaded at the start of a request counts for so long. */
const longMilliseconds = 1000

/** Requests that stay open: WebSockets, event streams. */
export default fp(
  async (app) => {
    const { sessions } = app[services]
    const addressOf = (id: string) => app.sessionTokens.addressOf(id)
    const signals = new WeakMap<FastifyRequest, AbortSignal>()

    app.decorateRequest('signedIn', {
      getter() {
        const signal = signals.get(this) ?? watch(this)
        signals.set(this, signal)
        return signal
      }
    })
    app.decorateRequest('presentSession', function (this: FastifyRequest) {
      return isLong(this) ? lookAgain(this).then(withUser) : this
    })

    function watch(request: FastifyRequest): AbortSignal {
      const { key, record } = storedSession(request, addressOf) ?? {}
      const owner = record && ownerKeyOf(record)
      if (key === undefined || owner === undefined) return AbortSignal.abort(new SignInRequiredError())
      const { signal, stop } = sessions.signals.watch(key, owner)
      const { response } = request
      if (response.closed) stop()
      else response.once('close', stop)
      return signal
    }

    /** Without using the session, as an open connection does. */
    async function lookAgain(request: FastifyRequest): Promise<SessionData> {
      const { sessionData } = request
      const stored = storedSession(request, addressOf)
      // Who was signed in or out by this request, and is not saved yet, is known to it alone.
      if (!stored || stored.record.user !== sessionData.user) return sessionData
      const seen = await sessions.look(stored.key)
      return seen && ownerKeyOf(seen.record) === ownerKeyOf(stored.record) ? seen.record : {}
    }
  },
  { name: 'latchkey-open-connections', dependencies: ['latchkey-session'] }
)

function withUser(sessionData: SessionData): PresentSession {
  return { sessionData, sessionUser: userOf(sessionData) }
}

/** Its answer has begun, or it arrived with a cookie more than a second ago. */
function isLong({ response, sentCookie, arrivedAt }: FastifyRequest): boolean {
  return response.headersSent || (sentCookie !== null && performance.now() - arrivedAt > longMilliseconds)
}
