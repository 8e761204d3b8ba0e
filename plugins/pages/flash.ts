import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { isTextKey } from '../../src/i18n/language.ts'
import type { Message } from '../../src/i18n/texts.ts'

declare module 'fastify' {
  interface Session {
    /** The message for the next page. */
    flash?: Message
  }
  interface FastifyReply {
    /** Shows a message on the next page that this user sees. */
    flash(message: Message): void
  }
}

/** Flash messages: a submitted form is answered with a redirect, and the next page shows what was done. */
export default fp(
  async (app) => {
    app.decorateReply('flash', function (this: FastifyReply, message: Message) {
      this.request.session.flash = message
    })
  },
  { name: 'latchkey-flash', dependencies: ['latchkey-session'] }
)

/** The message is in the session, so that no link can choose what this site says. */
export function takeFlash(request: FastifyRequest): Message | undefined {
  // A request with an invalid address has no session.
  if (!request.sessionData?.flash) return undefined
  const { flash } = request.session
  delete request.session.flash
  return flash && isTextKey(flash.key) ? flash : undefined
}
