import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import latchkey, { type LatchkeyOptions } from 'latchkey'

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

/** An app with a sign-in page of its own, and none of Latchkey's. */
export async function clubhouse(options: LatchkeyOptions = {}) {
  const app = Fastify()
  await app.register(formbody)
  await app.register(latchkey, { pages: false, ...options })

  app.get('/login', async (_request, reply) => reply.type('text/html').send(loginPage()))

  app.post<{ Body: Form }>('/login', { schema: { body } }, async (request, reply) => {
    const { username, password, remember } = request.body
    const attempt = await request.verifyPassword({ username, password })
    if (!attempt.ok) {
      // Sets the status, and Retry-After if there were too many attempts.
      return reply.refuse(attempt.error).type('text/html').send(loginPage(attempt.error.message))
    }
    await reply.signIn(attempt.account, { remember: remember !== undefined })
    return reply.redirect('/', 303)
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

/** @param message never contains what somebody typed */
function loginPage(message = ''): string {
  return `<!doctype html>
<title>Clubhouse</title>
<p role="alert">${message}</p>
<form method="post">
  <label>Name <input name="username" autocomplete="username" required></label>
  <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
  <label><input name="remember" type="checkbox"> Stay signed in</label>
  <button>Sign in</button>
</form>`
}

if (import.meta.main) {
  const app = await clubhouse()
  console.log(`The clubhouse is at ${await app.listen({ port: 3000 })}`)
}
