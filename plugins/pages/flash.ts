import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { isTextKey } from '../../src/i18n/language.ts'
import type { Message } from '../../src/i18n/texts.ts'

declare module 'fastify' {
  interface Session {
    /** What the next page is to say, once. */
    flash?: Message
  }
  interface FastifyReply {
    /** Has the next page that this person sees say what was done here. */
    flash(message: Message): void
  }
}

/** What was done is told on the page that follows: sending a form leads on, so that it is not sent twice. */
export default fp(
  async (app) => {
    app.decorateReply('flash', function (this: FastifyReply, message: Message) {
      this.request.session.flash = message
    })
  },
  { name: 'latchkey-flash', dependencies: ['latchkey-session'] }
)

/** It is kept in the session, so that no link can put words into this site's mouth. */
export function takeFlash(request: FastifyRequest): Message | undefined {
  // A request whose address cannot be decoded has no session.
  if (!request.sessionData?.flash) return undefined
  const { flash } = request.session
  delete request.session.flash
  return flash && isTextKey(flash.key) ? flash : undefined
}
