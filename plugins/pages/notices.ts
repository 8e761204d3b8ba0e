import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { isTextKey } from '../../src/i18n/language.ts'
import type { Saying } from '../../src/i18n/texts.ts'

declare module 'fastify' {
  interface Session {
    /** What the next page is to say, once. */
    notice?: Saying
  }
  interface FastifyReply {
    /** Has the next page that this person sees say what was done here. */
    leaveNotice(notice: Saying): void
  }
}

/** What was done is told on the page that follows: sending a form leads on, so that it is not sent twice. */
export default fp(
  async (app) => {
    app.decorateReply('leaveNotice', function (this: FastifyReply, notice: Saying) {
      this.request.session.notice = notice
    })
  },
  { name: 'latchkey-notices', dependencies: ['latchkey-session'] }
)

/** It is kept in the session, so that no link can put words into this site's mouth. */
export function takeNotice(request: FastifyRequest): Saying | undefined {
  // A request whose address cannot be decoded has no session.
  if (!request.remembered?.notice) return undefined
  const { notice } = request.session
  delete request.session.notice
  return notice && isTextKey(notice.key) ? notice : undefined
}
