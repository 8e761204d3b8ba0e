import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import fp from 'fastify-plugin'

/**
 * The stylesheet, the script and the icon at /assets/latchkey/. Files that are the same for everybody never wait for a session
 * store, and what caches may keep carries no cookie.
 */
export default fp(
  async (app) => {
    const ours = dirname(fileURLToPath(import.meta.resolve('#views/assets/style.css')))
    const { views } = app.latchkey.config
    const root = views ? [join(views, 'assets'), ours].filter(existsSync) : ours
    await app.register(async (scope) => {
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, session: false }
      })
      await scope.register(fastifyStatic, {
        root,
        prefix: '/assets/latchkey/',
        maxAge: '1h',
        decorateReply: false
      })
    })
  },
  { name: 'latchkey-assets' }
)
