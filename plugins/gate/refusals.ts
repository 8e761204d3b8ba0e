import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Decision } from '../../src/gate/rules/rule.ts'
import { coversHost } from '../../src/gate/rules/rule-book.ts'
import { services } from '../../src/open-services.ts'

/** @returns a function that records that somebody who is known was refused an app, and passes the decision on */
export function gateRefusals(app: FastifyInstance) {
  const { config } = app[services]
  const names = config.gateHosts.map((entry) => entry.replace(/:\d+$/, ''))

  return async function recorded(request: FastifyRequest, decision: Decision, host = ''): Promise<Decision> {
    const { id, name } = request.usedToken?.account ?? {}
    // A session beside the token may be somebody else's.
    const byToken = id && { name, account: id, session: undefined }
    await request.audit('gate-refused', { ...byToken, detail: entryFor(host) })
    return decision
  }

  /** Anybody can ask for any name below a wildcard, and each would be a line in the audit trail. */
  function entryFor(host: string): string | undefined {
    return names.find((name) => name === host) ?? names.find((name) => coversHost(name, host))
  }
}
