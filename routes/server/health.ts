import type { FastifyInstance } from 'fastify'
import { letThrough } from '../../plugins/server/pressure.ts'
import { services } from '../../src/open-services.ts'
import { checkHealth, type Dependency, onceASecond, oneAtATime } from '../../src/server/health.ts'

const retryAfterSeconds = 1

/** For monitoring and load balancers. Neither route uses the session. */
export default async function health(app: FastifyInstance) {
  const { accounts, sessions, throttle } = app[services]
  const accountsPart: Dependency = {
    name: 'The accounts database',
    ping: () => accounts.isEmpty(),
    checkWritable: onceASecond(() => accounts.checkWritable())
  }
  const sessionsPart: Dependency = {
    name: 'The session store',
    // Counters are in the same store, but have a connection of their own; without them nobody can sign in.
    ping: () => Promise.all([sessions.ping(), throttle.ping()]),
    checkWritable: onceASecond(() => Promise.all([sessions.checkWritable(), throttle.checkWritable()]))
  }
  const checkBoth = oneAtATime(() => Promise.all([checkHealth(accountsPart), checkHealth(sessionsPart)]))

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
