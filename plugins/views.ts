import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyView from '@fastify/view'
import { Eta } from 'eta'
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    page(name: string, data: { title: string; [key: string]: unknown }): Promise<string>
  }
  interface FastifyReply {
    /** Answers with views/<name>.eta inside the layout; `it` in the view is `data`. */
    page(name: string, data: { title: string; [key: string]: unknown }): FastifyReply
  }
}

/** Pages out of views/. */
export default fp(
  async (app) => {
    const views = dirname(fileURLToPath(import.meta.resolve('#views/layout.eta')))
    await app.register(fastifyView, {
      engine: { eta: new Eta() },
      root: views,
      layout: 'layout.eta',
      propertyName: 'page',
      // Without this every request compiles its templates anew; `npm run dev` restarts when one changes.
      production: true
    })
    app.addHook('onSend', keepOutOfCaches)
  },
  { name: 'latchkey-views' }
)

/** What is not a file for everybody is for one person only: the back button shows nothing of it (ASVS 14.3.2). */
function keepOutOfCaches(_request: unknown, reply: FastifyReply, _body: unknown, done: () => void): void {
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  done()
}
