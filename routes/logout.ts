import type { FastifyInstance } from 'fastify'

export default async function logout(app: FastifyInstance) {
  // Looking changes nothing (ASVS 3.5.3): a link or an image elsewhere cannot sign anybody out.
  app.get('/logout', async (request, reply) => {
    const { user = null } = request.remembered
    if (!request.wantsPage) return { user }
    return reply.page('logout', { user })
  })

  app.post('/logout', async (request, reply) => {
    await reply.signOut()
    // What pages left behind in the browser (ASVS 14.3.1). Never "cookies", which would also take those of the
    // other sites under this domain. Browsers obey over https only, and complain elsewhere.
    if (request.protocol === 'https') reply.header('clear-site-data', '"cache", "storage"')
    return request.wantsPage ? reply.redirect('/login', 303) : { user: null }
  })
}
