import type { FastifyInstance } from 'fastify'

export interface Route {
  readonly method: string
  /** As it was declared: `/account/sessions/:handle`. */
  readonly url: string
}

/** Every route that the router of an app has. */
export function routesOf(app: FastifyInstance): readonly Route[] {
  const routes = app.printRoutes({ commonPrefix: false, includeHooks: false })
  const found: Route[] = []
  let depth: string[] = []
  for (const [, indent = '', path = '', methods = ''] of routes.matchAll(
    /^([│ ]*)[├└]── (\S+) \(([^)]+)\)$/gm
  )) {
    depth = [...depth.slice(0, indent.length / 4), path]
    for (const method of methods.split(', ')) found.push({ method, url: depth.join('') })
  }
  return found
}
