import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { RoleRequiredError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'
import { safeMethods } from '../../src/web/safe-methods.ts'
import { administering, looking } from '../auth/options.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** true: a page that asks before something is changed, which only whoever may change it sees. */
    asksToChange?: true
  }
}

/**
 * Lets only administrators to the pages of its scope. It is a hook, so that no page can be without it, and it runs before a body
 * is read.
 */
export default fp(
  async (app) => {
    const { present } = app[services]

    app.addHook('preParsing', async (request) => {
      const { id } = await request.requireUser(isToChange(request) ? administering : looking)
      // By what the account is now: an app may give its users roles of its own.
      if ((await present.find(id))?.role !== 'admin') throw new RoleRequiredError()
    })
  },
  { name: 'latchkey-admin-guard' }
)

function isToChange({ method, routeOptions }: FastifyRequest): boolean {
  return !safeMethods.has(method) || routeOptions.config.asksToChange === true
}
