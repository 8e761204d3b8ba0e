import type { FastifyInstance } from 'fastify'
import {
  confirmationLifetimeMilliseconds,
  undoLifetimeMilliseconds
} from '../../src/accounts/email-addresses.ts'
import { AddressLinkInvalidError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

/** The links in mails about an address: see mailedLink. */
export default async function emailLinks(app: FastifyInstance) {
  const { addresses, paths } = app[services]
  const confirmation = app.mailedLink({
    ...{ path: '/account/email/confirm', name: 'confirm-email' },
    lifetimeMilliseconds: confirmationLifetimeMilliseconds
  })
  const undoing = app.mailedLink({
    ...{ path: '/account/email/undo', name: 'undo-email' },
    lifetimeMilliseconds: undoLifetimeMilliseconds
  })

  app.get('/account/email/confirm', confirmation.look, async (request, reply) => {
    const { id } = await request.requireUser({ account: true })
    const found = await addresses.findConfirmation(confirmation.tokenOf(request))
    if (found?.account.id !== id) throw new AddressLinkInvalidError()
    const { address: email } = found
    const shown = { email, user: found.account.name }
    return request.acceptsHtml ? reply.page('account/confirm-email', shown) : shown
  })

  app.post('/account/email/confirm', async (request, reply) => {
    const { email = '' } = await request.confirmAddress(confirmation.tokenOf(request))
    confirmation.drop(reply)
    if (!request.acceptsHtml) return { email }
    reply.flash(message('account.email.confirmed', { address: email }))
    return reply.redirect(paths.ofPage('/account'), 303)
  })

  app.get('/account/email/undo', undoing.look, async (request, reply) => {
    const found = await addresses.findUndo(undoing.tokenOf(request))
    if (!found) throw new AddressLinkInvalidError()
    const shown = { email: found.address, user: found.account.name }
    // Whoever is signed in here may be somebody else.
    return request.acceptsHtml ? reply.page('account/undo-email', { ...shown, signedInAs: undefined }) : shown
  })

  app.post('/account/email/undo', async (request, reply) => {
    const { account, resetToken } = await request.undoAddress(undoing.tokenOf(request))
    undoing.drop(reply)
    const reset = paths.ofPage(`/reset?token=${resetToken}`)
    if (!request.acceptsHtml) return { email: account.email ?? null, reset }
    reply.flash(message(account.email === undefined ? 'account.email.notBack' : 'account.email.undone'))
    return reply.redirect(reset, 303)
  })
}
