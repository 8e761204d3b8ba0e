import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { LatchkeyError } from '../src/errors/errors.ts'

/** A WebSocket of the package `ws`. */
interface Socket {
  close(code: number, reason: string): void
  terminate(): void
}

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Closes the open WebSocket of a request: with 4000 and the status of the error, such as 4401, and its code as the
     * reason. Does nothing for any other request or error.
     */
    refuseSocket(error: unknown): void
  }
}

/** The WebSockets of @fastify/websocket, whichever of the two is registered first. */
export default fp(
  async (app) => {
    const servers = new WeakSet<EventEmitter>()
    const sockets = new WeakMap<IncomingMessage, Socket>()

    app.addHook('onRoute', function (route) {
      if (!('websocket' in route || 'wsHandler' in route)) return
      const server = webSocketServerOf(this)
      if (!server || servers.has(server)) return
      servers.add(server)
      // Emitted before the handler of the route is called.
      server.on('connection', (socket: Socket, request: IncomingMessage) => sockets.set(request, socket))
    })

    app.decorateRequest('refuseSocket', function (this: FastifyRequest, error) {
      const socket = sockets.get(this.raw)
      if (socket && error instanceof LatchkeyError) refuse(this, socket, error)
    })
  },
  { name: 'latchkey-web-sockets' }
)

function webSocketServerOf(app: FastifyInstance): EventEmitter | undefined {
  return app.hasDecorator('websocketServer') ? Reflect.get(app, 'websocketServer') : undefined
}

function refuse(request: FastifyRequest, socket: Socket, error: LatchkeyError): void {
  socket.close(4000 + error.statusCode, error.code)
  // The error handler of @fastify/websocket logs what a handler throws as a fault of the app, and cuts the connection
  // before the client has read the code. `ws` itself cuts it if the client does not answer.
  socket.terminate = () => {}
  const { log } = request
  const logged: typeof log.error = (...args: [unknown]) => {
    if (args[0] === error) log.info(error.message)
    else Reflect.apply(log.error, log, args)
  }
  request.log = Object.create(log, { error: { value: logged } })
}
