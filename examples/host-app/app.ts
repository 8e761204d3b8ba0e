import { join } from 'node:path'
import Fastify from 'fastify'
import latchkey, { type LatchkeyOptions } from 'latchkey'

declare module 'fastify' {
  interface Session {
    /** Notes in this browser, until sign-out. */
    notes?: string[]
  }
}

/** A notebook with sign-in: the sign-in pages are Latchkey's, all else is the app's own. */
export async function notebook(options: LatchkeyOptions = {}) {
  const app = Fastify()
  await app.register(latchkey, {
    registration: 'open',
    views: join(import.meta.dirname, 'views'),
    ...options
  })

  app.get('/', async (request, reply) => {
    const { user } = request.sessionData
    return reply.redirect(user === undefined ? '/login' : '/notes')
  })

  app.get('/notes', async (request) => {
    const { name } = await request.requireUser()
    return { notesOf: name, notes: request.sessionData.notes ?? [] }
  })

  app.post<{ Body: { note: string } }>('/notes', async (request, reply) => {
    await request.requireUser()
    const { session, body } = request
    session.notes = [...(session.notes ?? []), body.note]
    return reply.code(201).send({ notes: session.notes })
  })

  // Deleting requires re-authentication.
  app.delete('/notes', async (request, reply) => {
    await request.requireUser({ within: '10m' })
    delete request.session.notes
    return reply.code(204).send()
  })

  return app
}

if (import.meta.main) {
  const app = await notebook()
  console.log(`The notebook is at ${await app.listen({ port: 3000 })}`)
}
