import type { FastifyInstance } from 'fastify'
import { objectSchema } from '../src/api/object-schema.ts'
import { NotAllowedError } from '../src/errors/errors.ts'
import { gateAddress } from '../src/gate/gate-hosts.ts'
import { services } from '../src/open-services.ts'

const schema = { querystring: objectSchema({}, { next: {} }) }

/** Where the gate leads a browser whose user, or visitor, the rules do not let to an app. */
export default async function refused(app: FastifyInstance) {
  const { config } = app[services]

  app.get<{ Querystring: { next?: unknown } }>('/refused', { schema }, async (request, reply) => {
    const next = gateAddress(request.query.next, config)
    if (next === undefined || !request.acceptsHtml) throw new NotAllowedError()
    return reply.code(403).page('refused', { next, host: new URL(next).host })
  })
}
