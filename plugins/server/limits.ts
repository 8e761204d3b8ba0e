import fp from 'fastify-plugin'
import { AddressTooLongError, BadInputError } from '../../src/errors/errors.ts'

const maxAddressLength = 8192
/** Each may send a body of 64 KiB within the ten seconds of a request: half a gigabyte in all. */
const maxConnections = 8192
const logAtMostEveryMilliseconds = 60_000

/** Limits of the server. Sizes and timeouts of single requests are in src/server/server-options.ts. */
export default fp(
  async (app) => {
    limitConnections()
    answerUnknownExpectations()

    app.addHook('onRequest', ({ raw, host }, _reply, done) => {
      if ((raw.url ?? '').length > maxAddressLength) done(new AddressTooLongError(maxAddressLength))
      // RFC 9112 §3.2. Node would answer without a body and without our headers.
      else if (raw.httpVersion === '1.1' && !host) done(new BadInputError('The request has no host.'))
      else done()
    })

    /** Further connections are closed at once. */
    function limitConnections() {
      let loggedAt = Number.NEGATIVE_INFINITY
      app.server.maxConnections = maxConnections
      app.server.on('drop', () => {
        if (performance.now() - loggedAt < logAtMostEveryMilliseconds) return
        loggedAt = performance.now()
        app.log.warn(`There are ${app.server.maxConnections} connections: further ones are closed at once.`)
      })
    }

    /** RFC 9110 §10.1.1 allows ignoring Expect; Node would answer 417 without our headers. */
    function answerUnknownExpectations() {
      app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
    }
  },
  { name: 'latchkey-limits' }
)
