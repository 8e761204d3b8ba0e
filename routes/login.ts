import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { objectSchema, string } from '../src/api/object-schema.ts'
import { type LatchkeyError, ThrottledError } from '../src/errors/errors.ts'
import { otherPage } from '../src/gate/return-link.ts'
import { message } from '../src/i18n/texts.ts'
import { services } from '../src/open-services.ts'
import { accountOf, nameOf } from '../src/sessions/session-record.ts'

/** Where signing out leads. The page then says that nobody is signed in, if that is so: anybody can make such a link. */
export const signedOutPage = '/login?signedOut'

const query = objectSchema({}, { next: {}, signedOut: {}, startOver: {} })

const body = objectSchema(
  { username: string, password: string },
  {
    /** `on` from a form's checkbox, a boolean from JSON. */
    remember: { enum: ['on', true, false] },
    next: string,
    /** Of programs, which have one to give at once: see /login/code. */
    code: string
  }
)

const login: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const form = loginForm(app)

  // The form is shown even while the session store is down.
  const look = { schema: { querystring: query }, config: { session: 'if-reachable' } } as const
  app.get('/login', look, async (request, reply) => {
    const { sessionData } = request
    const user = nameOf(sessionData) ?? null
    if (!request.acceptsHtml && request.sessionFault) throw request.sessionFault
    if (!request.acceptsHtml) return { user }
    if (request.query.startOver !== undefined) reply.dropPendingSignIn()
    const next = request.returnPath(request.query.next)
    // Somebody whom an app knows by a name alone may be here to sign in to an account.
    if (accountOf(sessionData) !== undefined) return reply.redirect(next, 303)
    const isSignedOut = request.query.signedOut !== undefined && user === null && !request.sessionFault
    return form(reply, { next, ...(isSignedOut && { flash: message('login.signedOut') }) })
  })

  app.post('/login', { schema: { body } }, async (request, reply) => {
    const { username, password, code, remember = false } = request.body
    const next = request.returnPath(request.body.next)
    const attempt = await request.verifyCredentials({ username, password, code })
    if (!attempt.ok) {
      const { error } = attempt
      if (!request.acceptsHtml) throw error
      return form(reply.refuse(error), { next, username, remember, error })
    }
    const { account, proofs, recoveryCode } = attempt
    await reply.signIn(account, { remember: remember !== false, proofs, next })
    if (request.acceptsHtml)
      return recoveryCode ? reply.page('recovery-code', { recoveryCode, next }) : reply.redirect(next, 303)
    return { user: account.name, ...(recoveryCode && { recoveryCode }) }
  })
}

/** The sign-in page, also for other ways to sign in. */
export function loginForm(app: FastifyInstance) {
  const { passkeys, resets, paths, home } = app[services]

  return async (
    reply: FastifyReply,
    filledIn: { next: string; error?: LatchkeyError; unknown?: string; [field: string]: unknown }
  ) => {
    const { error, unknown } = filledIn
    // Refusing a flood of attempts must not cost a question each.
    const canRegister = !(error instanceof ThrottledError) && (await reply.request.mayRegister())
    const registerUrl = otherPage(paths.ofPage('/register'), { next: filledIn.next, home })
    const passkey = passkeys.toUse(reply.request)
    const offered = passkey && {
      passkey: JSON.stringify(passkey),
      ...(unknown && { unknownPasskey: JSON.stringify({ rpId: passkey.rpId, credentialId: unknown }) })
    }
    const empty = { username: '', remember: false, error: null }
    return reply.page('login', {
      canRegister,
      registerUrl,
      sendsMail: resets.isOn,
      ...empty,
      ...filledIn,
      ...offered
    })
  }
}

export default login
