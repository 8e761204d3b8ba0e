import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Account, StoredAccount } from '../src/accounts/account.ts'
import { verifiedAccount } from '../src/accounts/verification.ts'
import { SessionEndedError, SignInUndoneError, ThrottledError } from '../src/errors/errors.ts'
import { message } from '../src/i18n/texts.ts'
import { services } from '../src/open-services.ts'
import type { RequireUserOptions } from './auth/options.ts'
import type { CodeVerified } from './verify-code.ts'
import type { PasswordVerified } from './verify-password.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The account that is signed in, as it is in the database now.
     * @throws as `requireUser`, and {SessionEndedError} when the account is gone; then the session is ended too
     * @throws {StorageError} when the database cannot answer
     */
    requireAccount(options?: RequireUserOptions): Promise<StoredAccount>
    /**
     * As `requireAccount`, before something that outlives the session.
     * @throws {SignInUndoneError} when the account has changed since the request began: that may have ended the session
     */
    requireUnchangedAccount(options?: RequireUserOptions): Promise<StoredAccount>
    /** As `verifyPassword`, of the account that is signed in. @throws as `requireAccount` */
    verifyOwnPassword(password: string): Promise<PasswordVerified>
    /** As `verifyCode`, of the account that is signed in. @throws as `requireAccount` */
    verifyOwnCode(code: string): Promise<CodeVerified & { readonly account: Account }>
  }
}

/** The account behind the session. A session may outlive its account, and another account may have the name. */
export default fp(
  async (app) => {
    const { accounts } = app[services]

    async function requireAccount(this: FastifyRequest, options?: RequireUserOptions) {
      const user = await this.requireUser({ ...options, account: true })
      return (await accounts.findById(user.id)) ?? endWithoutAccount(this)
    }

    async function requireUnchangedAccount(this: FastifyRequest, options?: RequireUserOptions) {
      const account = await this.requireAccount(options)
      if ((await accounts.versionAt(account, this.arrivedAt)) < account.version) throw new SignInUndoneError()
      return account
    }

    async function verifyOwnPassword(this: FastifyRequest, password: string) {
      const { id, name: username } = await this.requireUser({ account: true, factors: 1 })
      const wrong = message('input.notYourPassword')
      const attempt = await this.verifyPassword({ username, password }, wrong)
      if (attempt.ok && attempt.account.id !== id) await endWithoutAccount(this)
      if (attempt.ok || attempt.error instanceof ThrottledError) return attempt
      const account = (await accounts.findById(id)) ?? (await endWithoutAccount(this))
      // Just renamed, after the session was read.
      if (account.name === username) return attempt
      return this.verifyPassword({ username: account.name, password }, wrong)
    }

    async function verifyOwnCode(this: FastifyRequest, code: string) {
      const account = verifiedAccount(await this.requireAccount({ factors: 1 }))
      return { ...(await this.verifyCode(account, code)), account }
    }

    /** Otherwise the sign-in page would lead back to where nobody is signed in. */
    async function endWithoutAccount({ session }: FastifyRequest): Promise<never> {
      await session.destroy()
      throw new SessionEndedError()
    }

    app.decorateRequest('requireAccount', requireAccount)
    app.decorateRequest('requireUnchangedAccount', requireUnchangedAccount)
    app.decorateRequest('verifyOwnPassword', verifyOwnPassword)
    app.decorateRequest('verifyOwnCode', verifyOwnCode)
  },
  {
    name: 'latchkey-own-account',
    dependencies: ['latchkey-auth', 'latchkey-verify-code', 'latchkey-verify-password']
  }
)
