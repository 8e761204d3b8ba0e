import type { FastifyInstance } from 'fastify'

/** The account, with links to everything its user can change. */
export default async function overview(app: FastifyInstance) {
  app.get('/account', async (request, reply) => {
    const { id, name: user, role, createdAt: since } = await request.requireAccount()
    const account = { id, user, role, since }
    return request.acceptsHtml ? reply.page('account/overview', account) : account
  })
}
