import type { FastifyInstance } from 'fastify'
import { allFactors } from '../../plugins/auth/options.ts'
import { clearSiteData } from '../../plugins/pages/headers.ts'
import { SignInUndoneError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'

/** Removing the account requires everything that it is opened with (ASVS 7.5.1). */
export default async function remove(app: FastifyInstance) {
  const { accounts, sessions } = app[services]

  app.get('/account/remove', async (request, reply) => {
    const { name: user } = await request.requireAccount(allFactors)
    if (!request.acceptsHtml) return { user }
    return reply.page('account/remove', { user, isOnly: await accounts.holdsRegistrationClosed(user) })
  })

  app.post('/account/remove', async (request, reply) => {
    const owner = await request.requireUser(allFactors)
    const { id, name: user } = owner
    const present = await accounts.findById(id)
    // What has changed it since the request began may have ended the session.
    if (present && (await accounts.versionAt(present, request.arrivedAt)) < present.version)
      throw new SignInUndoneError()
    // Checked first: an account that is removed while its sessions cannot be ended is half removed.
    await sessions.checkWritable()
    const removed = await accounts.remove(user, { id, byOwner: true, circumstances: request.circumstances() })
    // It may have been removed by an attempt whose answer was lost: this one finishes it.
    if (!removed.ok) await sessions.revokeAllOf(owner)
    await request.audit('account-remove')
    await reply.signOut()
    clearSiteData(reply)
    return request.acceptsHtml ? reply.page('account/removed') : { removed: user }
  })
}
