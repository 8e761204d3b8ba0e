import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ThrottledError, TokenRefusedError } from '../src/errors/errors.ts'
import { nameKey } from '../src/identity/names.ts'
import { services } from '../src/open-services.ts'
import { sentToken } from '../src/tokens/token-format.ts'
import type { TokenUse } from '../src/tokens/tokens.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What `useToken` found; a token is never looked at without it. */
    usedToken?: TokenUse
    /**
     * The right token that a program sent, and whose it is. It is one factor, proved at no known time.
     * @returns undefined if none was sent: then the session counts
     * @throws {TokenRefusedError} for a token that nobody has, that has ended or expired, or for another name
     * @throws {ThrottledError} after too many wrong ones from this network
     * @throws {StorageError} when it is not known whose it is
     */
    useToken(): Promise<TokenUse | undefined>
  }
  interface FastifyContextConfig {
    /** Whether `requireUser` accepts a token that is made for the API. */
    token?: boolean
  }
}

/** Tokens of people, by which programs are let in at the gate and at the API. */
export default fp(
  async (app) => {
    const { tokens, throttle } = app[services]

    async function useToken(this: FastifyRequest): Promise<TokenUse | undefined> {
      const { authorization } = this.headers
      const sent = authorization === undefined ? undefined : sentToken(authorization)
      if (!sent) return undefined
      const use = tokens.peek(sent.token) ?? (await verify(this, sent.token))
      if (use === 'wrong') throw new TokenRefusedError()
      const { username = use.account.name } = sent
      if (nameKey(username) !== nameKey(use.account.name)) throw new TokenRefusedError()
      this.usedToken = use
      return use
    }

    async function verify({ ip }: FastifyRequest, token: string): Promise<TokenUse | 'wrong'> {
      // Somebody else in the network may send wrong ones.
      if (tokens.wasRight(token)) return tokens.verify(token)
      const run = async () => ({ use: await tokens.verify(token) })
      const outcome = await throttle.guardToken(ip, { run, counts: ({ use }) => use === 'wrong' })
      if ('use' in outcome) return outcome.use
      throw new ThrottledError(outcome.retryAfterSeconds, 'tokens')
    }

    app.decorateRequest('useToken', useToken)
  },
  { name: 'latchkey-use-token' }
)
