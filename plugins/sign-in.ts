import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { SignedInAs } from '../src/accounts/account.ts'
import { InsecureConnectionError } from '../src/errors/errors.ts'
import { type AccountProofs, kindsOf, type ProofKind } from '../src/identity/account-proofs.ts'
import { services } from '../src/open-services.ts'
import { sessionCookie } from '../src/sessions/cookie/session-cookie.ts'
import { isPersisted } from '../src/sessions/object/snapshot.ts'
import { detailOf } from './auth/proof-detail.ts'
import { secondFactor } from './auth/second-factor.ts'
import { clientFields, newSessions } from './session/new-sessions.ts'
import { accountResolver } from './session/resolve-account.ts'
import { signingOut } from './session/sign-out.ts'

export interface SignInOptions {
  /** Stay signed in when the browser closes, for REMEMBER_LIFETIME. */
  readonly remember?: boolean
  /** What the app has verified: by default `['password']`. Where the account needs two factors, `signIn` asks for the other. */
  readonly proofs?: readonly ProofKind[]
  /** What was verified before, and when, beside `proofs`. */
  readonly provedBefore?: AccountProofs
  /** Where a browser goes after the second factor: a path of this site, `home` by default. */
  readonly next?: string
}

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Signs the account in under a new session id and ends the previous session (ASVS 7.2.4).
     * @throws {SecondFactorRequiredError} when the account needs a second factor; a browser is led to /login/code, and a
     * program may send the code to `POST /login/code`
     * @throws {SecondFactorNotSetUpError} when it needs one and has none; a browser is led to set one up
     * @throws {SignInUndoneError} when the account has changed since its password was verified
     */
    signIn(account: SignedInAs, options?: SignInOptions): Promise<void>
    /**
     * Checks beforehand whether a sign-in can be stored, for actions that must not stay half done.
     * @throws {InsecureConnectionError} when the browser would drop the cookie
     * @throws {StorageError} when no session can be stored now
     */
    checkSignIn(): Promise<void>
    /** Ends the session in the store, and clears the cookie. */
    signOut(): Promise<void>
  }
}

export default fp(
  async (app) => {
    const { config, sessions } = app[services]
    const { begin, previousSession, dataToKeep } = newSessions(app)
    const resolve = accountResolver(app)
    const requireSecond = secondFactor(app)
    const { attributes } = sessionCookie(config)

    async function signIn(this: FastifyReply, given: SignedInAs, options: SignInOptions = {}) {
      const { request } = this
      const { remember = false, proofs: kinds = ['password'], provedBefore, next } = options
      refusePlainConnection(request)
      const account = await resolve(request, given)
      const proofs = { ...provedBefore, ...sessions.proofs.justNow(kinds) }
      await requireSecond(this, account, { proofs, remember, next: request.returnPath(next) })
      const old = previousSession(request)
      const data = { ...dataToKeep(old, account), ...(remember && { remember }), ...clientFields(request) }
      const endPrevious = async () => {
        if (old && isPersisted(old)) await sessions.supersede(old.sessionId)
        else if (request.sentCookie) await sessions.supersede(request.sentCookie.token)
      }
      await begin(request, { account, proofs, data, endPrevious })
      this.dropPendingSignIn()
      const isKnown = await request.rememberDevice(account, request.circumstances())
      await request.keepLanguage(account, isKnown)
      await request.audit('sign-in', detailOf(kindsOf(proofs)))
    }

    async function checkSignIn(this: FastifyReply) {
      refusePlainConnection(this.request)
      await sessions.checkWritable()
    }

    function refusePlainConnection({ protocol }: FastifyRequest) {
      if (attributes.secure && protocol !== 'https') throw new InsecureConnectionError()
    }

    app.decorateReply('signIn', signIn)
    app.decorateReply('checkSignIn', checkSignIn)
    app.decorateReply('signOut', signingOut(app))
  },
  {
    name: 'latchkey-sign-in',
    dependencies: [
      'latchkey-session',
      'latchkey-audit',
      'latchkey-device-cookie',
      'latchkey-pending-sign-in',
      'latchkey-return-path'
    ]
  }
)
