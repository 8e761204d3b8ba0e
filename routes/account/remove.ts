import type { FastifyInstance } from 'fastify'
import { clearSiteData } from '../../plugins/pages/headers.ts'
import { services } from '../../src/open-services.ts'

/** Removing the account requires re-authentication (ASVS 7.5.3). */
const recently = { within: '10m' } as const

export default async function remove(app: FastifyInstance) {
  const { accounts, sessions } = app[services]

  app.get('/account/remove', async (request, reply) => {
    const { name: user } = await request.requireUser(recently)
    if (!request.acceptsHtml) return { user }
    return reply.page('account/remove', { user, isOnly: await accounts.holdsRegistrationClosed(user) })
  })

  app.post('/account/remove', async (request, reply) => {
    const { name: user } = await request.requireUser(recently)
    // Checked first: an account that is removed while its sessions cannot be ended is half removed.
    await sessions.checkWritable()
    await accounts.remove(user)
    await request.audit('account-remove')
    await reply.signOut()
    clearSiteData(reply)
    return request.acceptsHtml ? reply.page('account/removed') : { removed: user }
  })
}
