import type { FastifyInstance } from 'fastify'
import { services } from '../../src/open-services.ts'

/** The account, with links to everything its user can change. */
export default async function overview(app: FastifyInstance) {
  const { addresses } = app[services]

  app.get('/account', async (request, reply) => {
    const { id, name: user, role, createdAt: since, email } = await request.requireAccount()
    const account = { id, user, role, since, email: email ?? null }
    if (!request.acceptsHtml) return account
    return reply.page('account/overview', {
      ...account,
      hasEmail: email !== undefined || addresses.isPossible
    })
  })
}
