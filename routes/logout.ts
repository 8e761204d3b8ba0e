import type { FastifyInstance } from 'fastify'
import { clearSiteData } from '../plugins/pages/headers.ts'
import { services } from '../src/open-services.ts'
import { nameOf } from '../src/sessions/session-record.ts'
import { signedOutPage } from './login.ts'

export default async function logout(app: FastifyInstance) {
  const { paths } = app[services]

  // GET changes nothing (ASVS 3.5.3): a link or an image elsewhere cannot sign anybody out.
  app.get('/logout', async (request, reply) => {
    const user = nameOf(request.sessionData) ?? null
    if (!request.acceptsHtml) return { user }
    // The page has a sign-out button. Without `signedInAs` the layout does not show another.
    return reply.page('logout', { user, signedInAs: undefined })
  })

  app.post('/logout', async (request, reply) => {
    await reply.signOut()
    clearSiteData(reply)
    return request.acceptsHtml ? reply.redirect(paths.ofPage(signedOutPage), 303) : { user: null }
  })
}
