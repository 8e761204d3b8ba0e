import type { FastifyInstance } from 'fastify'

export default async function logout(app: FastifyInstance) {
  // Looking changes nothing (ASVS 3.5.3): a link or an image elsewhere cannot sign anybody out.
  app.get('/logout', async (request, reply) => {
    const { user = null } = request.remembered
    if (!request.wantsPage) return { user }
    return reply.page('logout', { title: 'Sign out', user })
  })

  app.post('/logout', async (request, reply) => {
    await reply.signOut()
    return request.wantsPage ? reply.redirect('/login', 303) : { user: null }
  })
}
