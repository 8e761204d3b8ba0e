import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface SlowProxy {
  readonly port: number
  /** What comes from now on arrives so much later, each way; at 0 also what is under way arrives at once. */
  delay(milliseconds: number): void
}

/** A way to a port on this machine that can be made long. */
export async function startSlowProxy(t: Test, targetPort: number): Promise<SlowProxy> {
  const sockets = new Set<Socket>()
  const lines: Line[] = []
  let latency = 0
  const join = (from: Socket, to: Socket) => {
    const line = new Line(to)
    lines.push(line)
    sockets.add(from)
    from.on('data', (chunk) => line.send(chunk, latency))
    from.on('close', () => to.destroy())
    from.on('error', () => to.destroy())
  }
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1')
    join(near, far)
    join(far, near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    port: (server.address() as AddressInfo).port,
    delay: (milliseconds) => {
      latency = milliseconds
      if (latency === 0) for (const line of lines) line.flush()
    }
  }
}

/** One direction of one connection: what was sent first arrives first. */
class Line {
  readonly #to: Socket
  #underWay: Buffer[] = []

  constructor(to: Socket) {
    this.#to = to
  }

  send(chunk: Buffer, latency: number): void {
    this.#underWay.push(chunk)
    if (latency === 0) this.flush()
    else setTimeout(() => this.#arriveUpTo(chunk), latency).unref()
  }

  flush(): void {
    for (const chunk of this.#underWay.splice(0)) this.#to.write(chunk)
  }

  /** Nothing happens where it was flushed before. */
  #arriveUpTo(chunk: Buffer): void {
    for (const arrived of this.#underWay.splice(0, this.#underWay.indexOf(chunk) + 1)) this.#to.write(arrived)
  }
}
