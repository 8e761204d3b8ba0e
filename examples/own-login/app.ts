import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import latchkey, { type LatchkeyOptions } from 'latchkey'

interface Query {
  /** The page that asked for a sign-in: Latchkey redirects to `/login?next=…`. */
  next?: string
}

interface Form {
  username: string
  password: string
  remember?: string
}

const text = { type: 'string' }
const body = {
  type: 'object',
  required: ['username', 'password'],
  properties: { username: text, password: text, remember: text }
}

/** An app with pages of its own to sign in and to register, and none of Latchkey's. */
export async function clubhouse(options: LatchkeyOptions = {}) {
  const app = Fastify()
  await app.register(formbody)
  await app.register(latchkey, { pages: false, registration: 'open', ...options })

  app.get('/login', async (_request, reply) => reply.type('text/html').send(page('Sign in')))

  // A form without an action is sent to the address of its page, with `next`.
  app.post<{ Body: Form; Querystring: Query }>('/login', { schema: { body } }, async (request, reply) => {
    const { username, password, remember } = request.body
    const attempt = await request.verifyPassword({ username, password })
    if (!attempt.ok) {
      // Sets the status, and Retry-After if there were too many attempts.
      return reply.refuse(attempt.error).type('text/html').send(page('Sign in', attempt.error.message))
    }
    await reply.signIn(attempt.account, { remember: remember !== undefined })
    // A path of this site, never another site's address.
    return reply.redirect(request.returnPath(request.query.next), 303)
  })

  app.get('/register', async (_request, reply) => reply.type('text/html').send(page('Register')))

  app.post<{ Body: Form }>('/register', { schema: { body } }, async (request, reply) => {
    const { username, password } = request.body
    const registered = await reply.register({ username, password })
    if (registered.ok) return reply.redirect('/', 303)
    return reply.refuse(registered.error).type('text/html').send(page('Register', registered.error.message))
  })

  app.post('/logout', async (_request, reply) => {
    await reply.signOut()
    return reply.redirect('/login', 303)
  })

  app.get('/', async (request) => {
    const { name } = await request.requireUser()
    return { hello: name }
  })

  return app
}

function page(title: string, message = ''): string {
  return `<!doctype html>
<title>${title} · Clubhouse</title>
<p role="alert">${escaped(message)}</p>
<form method="post">
  <label>Name <input name="username" autocomplete="username" required></label>
  <label>Password <input name="password" type="password" required></label>
  <label><input name="remember" type="checkbox"> Stay signed in</label>
  <button>${title}</button>
</form>`
}

function escaped(message: string): string {
  return message.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`)
}

if (import.meta.main) {
  const app = await clubhouse()
  console.log(`The clubhouse is at ${await app.listen({ port: 3000 })}`)
}
