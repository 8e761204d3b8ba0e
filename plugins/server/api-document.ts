import swagger from '@fastify/swagger'
import fp from 'fastify-plugin'
import { Problem } from '../../src/api/schemas.ts'
import { services } from '../../src/open-services.ts'
import { sessionCookie } from '../../src/sessions/cookie/session-cookie.ts'

/** Generates an OpenAPI document from the schemas of all routes with a tag: those in routes/api/. */
export default fp(
  async (app) => {
    const { config, paths } = app[services]
    const prefix = app.prefix.replace(/\/$/, '')
    app.addSchema(Problem)
    await app.register(swagger, {
      hideUntagged: true,
      // The prefix of this app, and nothing else that may look like the path of the server.
      stripBasePath: false,
      transform: ({ schema, url }) => ({ schema, url: url.slice(prefix.length) }),
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Latchkey',
          version: '1',
          description: 'Signing in and out, sessions and accounts, for programs. Errors are problem+json.'
        },
        servers: [{ url: paths.pagesUrl || '/' }],
        tags: [
          { name: 'session', description: 'The session of the cookie in the request.' },
          { name: 'sessions', description: 'All sessions of that user.' },
          { name: 'password', description: 'The user’s password.' },
          { name: 'name', description: 'The user’s name.' },
          { name: 'accounts', description: 'All accounts, for administrators.' },
          {
            name: 'groups',
            description: 'Groups of accounts, for administrators. A change counts at the next request.'
          }
        ],
        components: {
          securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: sessionCookie(config).name } }
        }
      },
      refResolver: { buildLocalReference: (json) => String(json.$id) }
    })
  },
  { name: 'latchkey-api-document' }
)
