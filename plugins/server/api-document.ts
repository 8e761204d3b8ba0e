import fp from 'fastify-plugin'
import { type DocumentedRoute, openApiDocument } from '../../src/api/openapi.ts'
import type { ApiDocument } from '../../src/api/reference.ts'
import { Problem } from '../../src/api/schemas.ts'
import { services } from '../../src/open-services.ts'
import { sessionCookie } from '../../src/sessions/cookie/session-cookie.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The OpenAPI document of the routes in routes/api/. */
    apiDocument(): ApiDocument
  }
}

const tags = [
  { name: 'session', description: 'The session of the cookie in the request.' },
  { name: 'sessions', description: 'All sessions of that user.' },
  { name: 'password', description: 'The user’s password.' },
  { name: 'name', description: 'The user’s name.' },
  { name: 'email', description: 'The user’s e-mail address.' },
  { name: 'tokens', description: 'The user’s tokens for programs, at the gate and for this API.' },
  { name: 'accounts', description: 'All accounts, for administrators.' },
  {
    name: 'groups',
    description: 'Groups of accounts, for administrators. A change counts at the next request.'
  }
]
const info = {
  title: 'Latchkey',
  version: '1',
  description: 'Signing in and out, sessions and accounts, for programs. Errors are problem+json.'
}

const aboutTokens =
  'A token that was made for the API, where no password has to be verified: see /account/tokens.'

/** Generates an OpenAPI document from the schemas of all routes with a tag, when it is first asked for. */
export default fp(
  async (app) => {
    const { config, paths } = app[services]
    const prefix = app.prefix.replace(/\/$/, '')
    const routes: DocumentedRoute[] = []
    app.addSchema(Problem)
    app.addHook('onRoute', ({ method, url, schema }) => {
      if (schema) routes.push({ method, url: url.slice(prefix.length), schema })
    })
    const session = { type: 'apiKey', in: 'cookie', name: sessionCookie(config).name }
    const token = { type: 'http', scheme: 'bearer', description: aboutTokens }
    const servers = [{ url: paths.pagesUrl || '/' }]
    let document: ApiDocument | undefined
    app.decorate('apiDocument', () => {
      document ??= openApiDocument(routes, {
        ...{ info, servers, tags, securitySchemes: { session, token }, schemas: [Problem] }
      })
      return document
    })
  },
  { name: 'latchkey-api-document' }
)
