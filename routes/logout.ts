import type { FastifyInstance } from 'fastify'
import { clearSiteData } from '../plugins/pages/headers.ts'
import { withReturn } from '../src/gate/return-link.ts'
import { services } from '../src/open-services.ts'
import { nameOf } from '../src/sessions/session-record.ts'
import { signedOutPage } from './login.ts'

export default async function logout(app: FastifyInstance) {
  const { paths, home } = app[services]

  // GET changes nothing (ASVS 3.5.3): a link or an image elsewhere cannot sign anybody out.
  app.get('/logout', async (request, reply) => {
    const user = nameOf(request.sessionData) ?? null
    if (!request.acceptsHtml) return { user }
    // The page has a sign-out button. Without `signedInAs` the layout does not show another.
    return reply.page('logout', { user, signedInAs: undefined })
  })

  // With `next`, somebody else signs in then, and goes there.
  app.post<{ Body?: { next?: unknown } }>('/logout', async (request, reply) => {
    await reply.signOut()
    clearSiteData(reply)
    if (!request.acceptsHtml) return { user: null }
    const next = request.returnPath(request.body?.next)
    const page = next === home ? paths.ofPage(signedOutPage) : withReturn(paths.ofPage('/login'), next)
    return reply.redirect(page, 303)
  })
}
