import fp from 'fastify-plugin'
import { Turns } from '../../src/primitives/turns.ts'
import { networkOf } from '../../src/web/client-network.ts'

/** Each takes about half a millisecond. */
const changesPerTurn = 4
const reads = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * In a burst of requests that may change something, such as 400 sign-ins at once, only a few begin in each turn of the
 * event loop: pages do not wait for all of them. Networks take turns, so that a flood from one keeps nobody else waiting.
 */
export default fp(
  async (app) => {
    const turns = new Turns(changesPerTurn)

    app.addHook('onRequest', ({ method, ip }, _reply, done) => {
      if (reads.has(method)) done()
      else turns.next({ network: networkOf(ip), account: '' }).then(() => done())
    })
  },
  { name: 'latchkey-turns' }
)
