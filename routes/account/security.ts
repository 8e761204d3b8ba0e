import type { FastifyInstance } from 'fastify'
import { type Advice, adviceFor } from '../../src/factors/advice.ts'
import type { FactorsOf, Passkey } from '../../src/factors/factors-of.ts'
import { message, type TextKey } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

const advised = {
  recovery: 'account.security.advice.recovery',
  second: 'account.security.advice.second',
  passkey: 'account.security.advice.passkey'
} as const satisfies Record<Advice, TextKey>

/** What the account has besides its password, and what to do next. */
export default async function security(app: FastifyInstance) {
  const { accounts, enrolments, factors, mail, passkeys } = app[services]

  app.get('/account/security', async (request, reply) => {
    const { id, name } = await request.requireUser({ account: true })
    const own = await factors.of(id)
    const shown = { ...own, codes: own.codes ?? null, passkeys: own.passkeys.map(shownOf) }
    if (!request.acceptsHtml) return shown
    const domain = passkeys.domainAt(request)
    const offers = { offersCodes: enrolments.isPossible, offersPasskeys: domain !== undefined }
    const advice = adviceFor(own, offers)
    return reply.page('account/security', {
      ...{ ...shown, ...offers, hasFactors: own.codes !== undefined || own.passkeys.length > 0 },
      ...(advice && { advice: message(advised[advice]) }),
      ...(await noticesOf(id)),
      ...(domain !== undefined && { known: JSON.stringify(knownTo(domain, { id, name }, own)) })
    })
  })

  /** Where the owner would be told of sign-ins, and whether: nothing is offered that is not sent anyway. */
  async function noticesOf(id: string) {
    const account = mail.notices.tells('sign-in') ? await accounts.findById(id) : undefined
    return account?.email && { email: account.email, signInNotices: account.signInNotices ?? true }
  }

  /** Without its key, which is nobody else's business. */
  function shownOf(passkey: Passkey) {
    const { id, name, createdAt, usedAt, isBackedUp, rpId } = passkey
    return { id, name, createdAt, usedAt, isBackedUp, rpId, worksHere: passkeys.worksHere(passkey) }
  }

  /** For the browser, which hides those that were removed: WebAuthn Level 3 §5.1.10. */
  function knownTo(rpId: string, { id, name }: { id: string; name: string }, own: FactorsOf) {
    const here = own.passkeys.filter((passkey) => passkeys.worksHere(passkey))
    return { rpId, userId: id, name, allAcceptedCredentialIds: here.map((passkey) => passkey.id) }
  }
}
