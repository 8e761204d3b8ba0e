import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import fp from 'fastify-plugin'

/**
 * The stylesheet, the script and the icon at /assets/. Files that are the same for everybody never wait for a session
 * store, and what caches may keep carries no cookie.
 */
export default fp(
  async (app) => {
    const root = dirname(fileURLToPath(import.meta.resolve('#views/assets/style.css')))
    await app.register(async (scope) => {
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, session: false }
      })
      await scope.register(fastifyStatic, { root, prefix: '/assets/', maxAge: '1h' })
    })
  },
  { name: 'latchkey-assets' }
)
