import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Account, SignedInAs } from '../src/accounts/account.ts'
import { InsecureConnectionError } from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'
import { sessionCookie } from '../src/sessions/cookie/session-cookie.ts'
import { isPersisted } from '../src/sessions/object/snapshot.ts'
import { clientFields, newSessions } from './session/new-sessions.ts'
import { accountResolver } from './session/resolve-account.ts'
import { sessionRotation } from './session/rotate-session.ts'
import { signingOut } from './session/sign-out.ts'

export interface SignInOptions {
  /** Stay signed in when the browser closes, for REMEMBER_LIFETIME. */
  readonly remember?: boolean
}

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Signs the account in under a new session id and ends the previous session (ASVS 7.2.4).
     * @throws {SignInUndoneError} when the account has changed since its password was verified
     */
    signIn(account: SignedInAs, options?: SignInOptions): Promise<void>
    /**
     * After re-authentication: the session continues under another id with a new proof (ASVS 7.2.4).
     * @param options.endsFormer whether the former id opens it never again, whatever the store loses
     * @throws {SignInUndoneError} when the account has changed since its password was verified
     * @throws {SignInRequiredError} when the session was ended or renewed meanwhile
     */
    renewSession(account: Account, options?: { readonly endsFormer?: boolean }): Promise<void>
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
    const rotate = sessionRotation(app)
    const { attributes } = sessionCookie(config)

    async function signIn(this: FastifyReply, given: SignedInAs, { remember = false }: SignInOptions = {}) {
      const { request } = this
      refusePlainConnection(request)
      const account = await resolve(request, given)
      const old = previousSession(request)
      const data = { ...dataToKeep(old, account), ...(remember && { remember }), ...clientFields(request) }
      const endPrevious = async () => {
        if (old && isPersisted(old)) await sessions.supersede(old.sessionId)
        else if (request.sentCookie) await sessions.supersede(request.sentCookie.token)
      }
      await begin(request, { account, data, endPrevious })
      await request.rememberDevice(account)
      await request.audit('sign-in')
    }

    async function renewSession(this: FastifyReply, account: Account, options?: { endsFormer?: boolean }) {
      const { request } = this
      await rotate(request, account, options)
      await request.rememberDevice(account)
      await request.audit('proof')
    }

    async function checkSignIn(this: FastifyReply) {
      refusePlainConnection(this.request)
      await sessions.checkWritable()
    }

    function refusePlainConnection({ protocol }: FastifyRequest) {
      if (attributes.secure && protocol !== 'https') throw new InsecureConnectionError()
    }

    app.decorateReply('signIn', signIn)
    app.decorateReply('renewSession', renewSession)
    app.decorateReply('checkSignIn', checkSignIn)
    app.decorateReply('signOut', signingOut(app))
  },
  { name: 'latchkey-sign-in', dependencies: ['latchkey-session', 'latchkey-audit', 'latchkey-device-cookie'] }
)
