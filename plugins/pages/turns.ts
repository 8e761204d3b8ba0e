import fp from 'fastify-plugin'
import { Turns } from '../../src/primitives/turns.ts'

/** Each takes about half a millisecond. */
const changesPerTurn = 4
const reads = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * In a burst of requests that may change something, such as 400 sign-ins at once, only a few begin in each turn of the
 * event loop: pages do not wait for all of them.
 */
export default fp(
  async (app) => {
    const turns = new Turns(changesPerTurn)

    app.addHook('onRequest', ({ method }, _reply, done) => {
      if (reads.has(method)) done()
      else turns.next().then(() => done())
    })
  },
  { name: 'latchkey-turns' }
)
