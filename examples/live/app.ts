import { Readable } from 'node:stream'
import { setInterval } from 'node:timers/promises'
import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import latchkey, { type LatchkeyOptions } from 'latchkey'

/** An app whose connections stay open, and close when the session ends. */
export async function live(options: LatchkeyOptions = {}) {
  const app = Fastify()
  await app.register(websocket)
  await app.register(latchkey, { registration: 'open', home: '/time', ...options })

  app.get('/chat', { websocket: true }, async (socket, request) => {
    // Closes the socket with 4401 if nobody is signed in.
    const { name } = await request.requireUser()
    const { signedIn } = request
    signedIn.addEventListener('abort', () => {
      const { statusCode, code } = signedIn.reason
      socket.close(4000 + statusCode, code)
    })
    socket.on('message', (text: Buffer) => socket.send(`${name}: ${text}`))
    socket.send(`Hello, ${name}`)
  })

  app.get('/time', async (request, reply) => {
    await request.requireUser()
    return reply.type('text/event-stream').send(Readable.from(times(request.signedIn)))
  })

  return app
}

/** The time, once a second, for as long as the session lives. */
async function* times(signedIn: AbortSignal) {
  try {
    for await (const _ of setInterval(1000, undefined, { signal: signedIn }))
      yield `data: ${new Date().toISOString()}\n\n`
  } catch {
    yield `event: signed-out\ndata: ${signedIn.reason.code}\n\n`
  }
}

if (import.meta.main) {
  const app = await live()
  console.log(`The time is at ${await app.listen({ port: 3000 })}/time`)
}
