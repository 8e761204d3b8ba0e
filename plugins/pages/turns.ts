import type { onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { Turns } from '../../src/primitives/turns.ts'
import { networkOf } from '../../src/web/client-network.ts'
import { isSafeRoute, safeMethods } from '../../src/web/safe-methods.ts'

/** Each takes about half a millisecond. */
const changesPerTurn = 4

/**
 * In a burst of requests that may change something, such as 400 sign-ins at once, only a few begin in each turn of the
 * event loop: pages do not wait for all of them. Networks take turns, so that a flood from one keeps nobody else waiting.
 */
export default fp(
  async (app) => {
    const turns = new Turns(changesPerTurn)

    const takeTurn: onRequestHookHandler = ({ method, ip }, _reply, done) => {
      if (safeMethods.has(method)) done()
      else turns.next({ network: networkOf(ip), account: '' }).then(() => done())
    }
    app.addHook('onRoute', (route) => {
      if (!isSafeRoute(route)) route.onRequest = [route.onRequest ?? [], takeTurn].flat()
    })
  },
  { name: 'latchkey-turns' }
)
