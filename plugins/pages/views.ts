import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyView from '@fastify/view'
import { Eta } from 'eta'
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
  },
  { name: 'latchkey-views' }
)
