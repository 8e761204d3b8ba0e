import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import fp from 'fastify-plugin'

/**
 * The stylesheet and the icon at /assets/. In a scope of their own, made before the session's hooks are
 * there: files that are the same for everybody never wait for a session store.
 */
export default fp(
  async (app) => {
    const root = dirname(fileURLToPath(import.meta.resolve('#views/assets/style.css')))
    await app.register(async (scope) => {
      await scope.register(fastifyStatic, { root, prefix: '/assets/', maxAge: '1h' })
    })
  },
  { name: 'latchkey-assets' }
)
