import fp from 'fastify-plugin'
import { AddressTooLongError, BadInputError } from '../../src/errors/errors.ts'

const maxAddressLength = 8192
/** Each may hold a body of 64 KiB for the ten seconds that a request may take: half a gigabyte in all. */
const maxConnections = 8192
const logAtMostEveryMilliseconds = 60_000

/** How much of everything is taken in. Sizes and times of single requests are in src/server/server-options.ts. */
export default fp(
  async (app) => {
    limitConnections()
    answerUnknownExpectations()

    app.addHook('onRequest', ({ raw, host }, _reply, done) => {
      if ((raw.url ?? '').length > maxAddressLength) done(new AddressTooLongError(maxAddressLength))
      // RFC 9112 §3.2. Node would answer it without a body and without our headers.
      else if (raw.httpVersion === '1.1' && !host) done(new BadInputError('The request names no host.'))
      else done()
    })

    /** Whoever comes beyond them is disconnected at once. */
    function limitConnections() {
      let loggedAt = Number.NEGATIVE_INFINITY
      app.server.maxConnections = maxConnections
      app.server.on('drop', () => {
        if (performance.now() - loggedAt < logAtMostEveryMilliseconds) return
        loggedAt = performance.now()
        app.log.warn(`There are ${app.server.maxConnections} connections: further ones are closed at once.`)
      })
    }

    /** RFC 9110 §10.1.1 lets us ignore what a client expects; Node would say 417 without our headers. */
    function answerUnknownExpectations() {
      app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
    }
  },
  { name: 'latchkey-limits' }
)
