import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { SignedInAs } from '../src/accounts/account.ts'
import type { Circumstances } from '../src/mail/notices.ts'
import { services } from '../src/open-services.ts'
import { addressIn } from '../src/web/client-network.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * From where somebody changes the own account with this request: whatever changes one tells its owner. What administrators
     * do is in src/administration/.
     */
    circumstances(): Circumstances
    /**
     * After a sign-in, or when the account was made by a link: from now on mail to the account is in the language of this
     * browser. Nothing is written where it is that already, where mail is off, or where a program asks for no language.
     * @param isKnown whether the owner signed in or made the account there before: nobody else chooses in which language
     * the owner is told
     */
    keepLanguage(account: SignedInAs, isKnown: boolean): Promise<void>
  }
}

/** What the mail needs that tells people what happens to their accounts. */
export default fp(
  async (app) => {
    const { languages, mail } = app[services]

    function circumstances(this: FastifyRequest): Circumstances {
      return { address: addressIn(this.ip), device: this.headers['user-agent'] }
    }

    async function keepLanguage(
      this: FastifyRequest,
      { id, language }: SignedInAs,
      isKnown: boolean
    ): Promise<void> {
      if (!mail.isOn || id === undefined || language === undefined) return
      if (language !== null && !isKnown) return
      if (this.headers['accept-language'] === undefined) return
      const { locale } = languages.localizerOf(this.raw)
      if (locale !== language) await mail.preferences.setLanguage(id, locale)
    }

    app.decorateRequest('circumstances', circumstances)
    app.decorateRequest('keepLanguage', keepLanguage)
  },
  { name: 'latchkey-notices' }
)
