import type { FastifyInstance } from 'fastify'
import { letThrough } from '../../plugins/server/pressure.ts'
import { healthOf, type Part } from '../../src/server/health.ts'

const retryAfterSeconds = 1

/** For whoever watches or balances the service: neither address knows a session. */
export default async function health(app: FastifyInstance) {
  const { accounts, sessions, throttle } = app.latchkey
  const accountsPart: Part = { name: 'The accounts database', reach: () => accounts.reach() }
  // Tries are counted where the sessions are, over a connection of their own: nobody signs in without it.
  const reachSessions = () => Promise.all([sessions.reach(), throttle.reach()])
  const sessionsPart: Part = { name: 'The session store', reach: reachSessions }

  app.get('/health/live', { config: { session: false, pressureHandler: letThrough } }, async () => ({
    live: true
  }))

  app.get('/health/ready', { config: { session: false } }, async (request, reply) => {
    const parts = await Promise.all([healthOf(accountsPart), healthOf(sessionsPart)])
    for (const part of parts) if (!part.answers) request.log.warn(`${part.sentence} ${part.cause}`)
    const ready = parts.every(({ answers }) => answers)
    if (!ready) reply.code(503).header('retry-after', retryAfterSeconds)
    const [accountsHealth, sessionsHealth] = parts
    const milliseconds = { accounts: accountsHealth.milliseconds, sessions: sessionsHealth.milliseconds }
    return { ready, accounts: accountsHealth.sentence, sessions: sessionsHealth.sentence, milliseconds }
  })
}
