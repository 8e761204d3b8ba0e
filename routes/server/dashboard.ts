import type { FastifyInstance } from 'fastify'

export default async function dashboard(app: FastifyInstance) {
  app.get('/dashboard', async (request, reply) => {
    const user = await request.requireUser()
    if (!request.acceptsHtml) return { user: user.name }
    return reply.page('dashboard', { user: user.name, session: request.sessionData })
  })
}
