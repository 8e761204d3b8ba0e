import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { groupsHeader, toHeader } from '../src/gate/gate-request.ts'
import { kindsOf } from '../src/identity/account-proofs.ts'
import { services } from '../src/open-services.ts'
import { accountOf, nameOf } from '../src/sessions/session-record.ts'

declare module 'fastify' {
  interface FastifyReply {
    /** Names who is signed in to the app behind the gate, in headers. Nobody may be, where a rule allows that. */
    nameUser(): Promise<void>
  }
}

export default fp(
  async (app) => {
    const { present, sessions } = app[services]

    async function nameUser(this: FastifyReply): Promise<void> {
      const { sessionData } = this.request
      const user = nameOf(sessionData)
      if (user === undefined) return
      const account = accountOf(sessionData)
      const ageSeconds = Math.floor(sessions.proofs.ageOf(sessionData) / 1000)
      const proved = kindsOf(sessions.proofs.fresh(sessionData))
      this.header('remote-user', toHeader(user)).header('x-auth-session-age', ageSeconds)
      // Always there, so that no proxy passes on what a client sends under this name.
      this.header('x-auth-factors', proved.length > 0 ? proved.join(' ') : 'none')
      if (account === undefined) return
      const known = present.groupsOf(account)
      const groups = known instanceof Promise ? await known : known
      this.header('x-auth-id', account)
      if (groups.length > 0) this.header('remote-groups', groupsHeader(groups))
    }

    app.decorateReply('nameUser', nameUser)
  },
  { name: 'latchkey-gate-headers', dependencies: ['latchkey-session'] }
)
