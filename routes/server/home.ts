import type { FastifyInstance } from 'fastify'
import { services } from '../../src/open-services.ts'
import { nameOf } from '../../src/sessions/session-record.ts'

export default async function home(app: FastifyInstance) {
  const { accounts } = app[services]

  app.get('/', async (request, reply) => {
    const user = nameOf(request.sessionData) ?? null
    if (!request.acceptsHtml) return { service: 'Latchkey', user }
    const isNew = user === null && (await accounts.isEmpty())
    const canRegister = user === null && (await request.mayRegister())
    return reply.page('home', { user, isNew, canRegister })
  })
}
