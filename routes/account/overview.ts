import type { FastifyInstance } from 'fastify'
import { services } from '../../src/open-services.ts'

/** The account, with links to everything its user can change. */
export default async function overview(app: FastifyInstance) {
  const { accounts } = app[services]

  app.get('/account', async (request, reply) => {
    const { id, name: user, role } = await request.requireUser()
    const stored = await accounts.find(user)
    const account = { id, user, role, since: stored?.createdAt ?? null }
    return request.acceptsHtml ? reply.page('account/overview', account) : account
  })
}
