import type { FastifyInstance } from 'fastify'
import { letThrough } from '../../plugins/server/pressure.ts'
import { services } from '../../src/open-services.ts'
import { storesCheck } from '../../src/server/health.ts'

const retryAfterSeconds = 1

/** For monitoring and load balancers. Neither route uses the session. */
export default async function health(app: FastifyInstance) {
  const checkBoth = storesCheck(app[services])

  app.get('/health/live', { config: { session: false, pressureHandler: letThrough } }, async () => ({
    live: true
  }))

  app.get('/health/ready', { config: { session: false } }, async (request, reply) => {
    const parts = await checkBoth()
    for (const part of parts) if (!part.answers) request.log.warn(`${part.sentence} ${part.cause}`)
    const ready = parts.every(({ answers }) => answers)
    if (!ready) reply.code(503).header('retry-after', retryAfterSeconds)
    const [accountsHealth, sessionsHealth] = parts
    const milliseconds = { accounts: accountsHealth.milliseconds, sessions: sessionsHealth.milliseconds }
    return { ready, accounts: accountsHealth.sentence, sessions: sessionsHealth.sentence, milliseconds }
  })
}
