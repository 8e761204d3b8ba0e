import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { AccountFacts } from '../src/accounts/present-accounts.ts'
import { groupsHeader, toHeader } from '../src/gate/gate-request.ts'
import { kindsOf } from '../src/identity/account-proofs.ts'
import { services } from '../src/open-services.ts'
import { accountOf, nameOf } from '../src/sessions/session-record.ts'
import { missingProofs } from './auth/missing-proofs.ts'

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Names who is signed in to the app behind the gate, in headers. Nobody may be, where a rule allows that.
     * @param facts of the account, if they are known
     */
    nameUser(facts?: AccountFacts): Promise<void>
  }
}

/** With the rest of the answer it has to fit into 4 KiB. */
const longestAuthorization = 2000

export default fp(
  async (app) => {
    const { present, sessions } = app[services]
    const { isShortOfPolicy } = missingProofs(app)

    async function nameUser(this: FastifyReply, given?: AccountFacts): Promise<void> {
      passAuthorization(this)
      const { sessionData, usedToken } = this.request
      if (usedToken) return name(this, { ...usedToken.account, factors: 'token' })
      // A rule may let anybody in: to the app, who would have to prove more elsewhere is nobody yet.
      const user = isShortOfPolicy(sessionData) ? undefined : nameOf(sessionData)
      if (user === undefined) return name(this, {})
      const id = accountOf(sessionData)
      const known = id === undefined ? undefined : (given ?? present.factsOf(id))
      const { groups, email } = (known instanceof Promise ? await known : known) ?? {}
      const ageSeconds = Math.floor(sessions.proofs.ageOf(sessionData) / 1000)
      const proved = kindsOf(sessions.proofs.fresh(sessionData))
      name(this, { name: user, id, groups, email, ageSeconds, factors: proved.join(' ') })
    }

    app.decorateReply('nameUser', nameUser)
  },
  { name: 'latchkey-gate-headers', dependencies: ['latchkey-session'] }
)

/** Some proxies pass on what the gate answers in place of the client's own: a token for programs ends here. */
function passAuthorization(reply: FastifyReply): void {
  const { headers, usedToken } = reply.request
  const { authorization } = headers
  if (authorization === undefined) return
  if (usedToken) reply.header('x-envoy-auth-headers-to-remove', 'authorization')
  else if (authorization.length <= longestAuthorization) reply.header('authorization', authorization)
}

interface Named {
  readonly name?: string
  readonly id?: string | undefined
  readonly groups?: readonly string[] | undefined
  readonly email?: string | undefined
  readonly ageSeconds?: number
  readonly factors?: string
}

/**
 * Each of them is always there, and empty where there is nothing to say: a proxy could pass on what a client sends under the
 * name, and Caddy 2.6 the name of a variable.
 */
function name(reply: FastifyReply, named: Named): void {
  const { name = '', id = '', groups = [], email = '', ageSeconds, factors } = named
  reply.header('remote-user', toHeader(name)).header('x-auth-id', id)
  reply
    .header('remote-groups', groups.length > 0 ? groupsHeader(groups) : '')
    .header('remote-email', toHeader(email))
  reply.header('x-auth-session-age', ageSeconds ?? '').header('x-auth-factors', factors || 'none')
}
