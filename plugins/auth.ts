import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Account } from '../src/accounts/accounts.ts'
import { InsecureConnectionError, SignInRequiredError } from '../src/errors.ts'
import { isKept } from '../src/sessions/callback-store.ts'
import { sessionCookie } from '../src/sessions/session-cookie.ts'

export interface SignInOptions {
  /** Stay signed in when the browser closes, for as long as REMEMBER_LIFETIME says. */
  readonly remember?: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The signed-in account. Nobody signed in: it answers for you, a browser goes to /login and comes back
     * here afterwards, anything else gets 401; your handler does not go on.
     */
    requireUser(): Promise<Account>
  }
  interface FastifyReply {
    /** Signs the account in under a new session id and ends the session there was (ASVS 7.2.4). */
    signIn(account: Account, options?: SignInOptions): Promise<void>
    /**
     * Says beforehand whether a sign-in could be kept, for what must not be left half done.
     * @throws {InsecureConnectionError} when the browser would drop the cookie
     * @throws {StorageError} when no session could be stored just now
     */
    checkSignIn(): Promise<void>
    /** Ends the session where it is stored and clears the cookie. */
    signOut(): Promise<void>
  }
}

export default fp(
  async (app) => {
    const { config, sessions } = app.latchkey
    const { name: cookieName, attributes } = sessionCookie(config)

    async function requireUser(this: FastifyRequest): Promise<Account> {
      const { user } = this.session
      if (user === undefined) throw new SignInRequiredError()
      return { name: user }
    }

    async function signIn(this: FastifyReply, account: Account, { remember = false }: SignInOptions = {}) {
      const { request } = this
      refusePlainConnection(request)
      const old = request.session
      await startSession(request, remember)
      request.session.user = account.name
      request.session.remember = remember
      await request.session.save()
      // Only now: had the new one not been stored, the old one would still be there.
      if (isKept(old)) await sessions.end(old.sessionId)
      // The old ticket is spent. Seeing it, @fastify/session would clear the cookie beside setting it.
      delete request.cookies[cookieName]
    }

    /** Puts a new session with a new id into the request and leaves the old one as it is, stored or not. */
    function startSession(request: FastifyRequest, remember: boolean): Promise<void> {
      const cookie = remember ? { maxAge: config.lifetimes.rememberAbsolute } : {}
      return new Promise((resolve, reject) => {
        app.decryptSession('', request, cookie, (error) => (error ? reject(error) : resolve()))
      })
    }

    async function checkSignIn(this: FastifyReply) {
      refusePlainConnection(this.request)
      await sessions.tryOut()
    }

    function refusePlainConnection({ protocol }: FastifyRequest) {
      if (attributes.secure && protocol !== 'https') throw new InsecureConnectionError()
    }

    async function signOut(this: FastifyReply) {
      await this.request.session.destroy()
      this.clearCookie(cookieName, attributes)
    }

    app.decorateRequest('requireUser', requireUser)
    app.decorateReply('signIn', signIn)
    app.decorateReply('checkSignIn', checkSignIn)
    app.decorateReply('signOut', signOut)
  },
  { name: 'latchkey-auth', dependencies: ['latchkey-session'] }
)
