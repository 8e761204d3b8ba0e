import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { AuditEvent, AuditEventName } from '../src/audit/audit-event.ts'
import { services } from '../src/open-services.ts'
import { accountOf, nameOf } from '../src/sessions/session-record.ts'
import { addressIn } from '../src/web/client-network.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Records an event. User, account, address and session are those of the request, unless given. */
    audit(event: AuditEventName, details?: Omit<AuditEvent, 'event' | 'address'>): Promise<void>
  }
}

/** Records events of the audit trail for a request. */
export default fp(
  async (app) => {
    const { audit, sessions } = app[services]

    function handleOf({ sessionObject, openedSession, sentCookie }: FastifyRequest): string | undefined {
      const at = sessionObject?.sessionId ?? openedSession?.id ?? sentCookie?.token
      return at && sessions.handleOf(at)
    }

    app.decorateRequest('audit', function (this: FastifyRequest, event, details) {
      const { sessionData: data } = this
      const name = nameOf(data)
      const who = name !== undefined && { name, account: accountOf(data), session: handleOf(this) }
      return audit.record({ event, address: addressIn(this.ip), ...who, ...details })
    })
  },
  { name: 'latchkey-audit', dependencies: ['latchkey-session'] }
)
