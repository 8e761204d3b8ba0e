import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface SlowProxy {
  readonly port: number
  /** Holds all data in both directions until `release`. */
  hold(): void
  /** The same from the first message that contains this text. */
  holdAt(text: string): void
  isHeld(): boolean
  release(): void
  /** How often a text occurs in the data being held. */
  underWay(text: string): number
  connections(): number
  /**
   * Drops all data of one connection in both directions without closing it: it is dead and nobody notices.
   */
  deafen(connection: number): void
  /** The number of round trips on one connection, without heartbeats. */
  roundTrips(connection: number): number
}

/** Heartbeats: a ping, and a follower of endings that looks at the mark and the outbox. */
const isBeat = (chunk: Buffer) =>
  /^(\*1\r\n\$4\r\nping\r\n|\*5\r\n\$5\r\nhmget\r\n|\*4\r\n\$6\r\nlrange\r\n)/.test(chunk.toString('latin1'))
const isBeatAnswered = (chunk: Buffer) => /^(\+PONG\r\n|\*3\r\n)/.test(chunk.toString('latin1'))

/**
 * A TCP proxy to a local port that can hold its data. Connections are counted from 0.
 * @param targetPort the port of a connection
 */
export async function startSlowProxy(
  t: Test,
  targetPort: number | ((connection: number) => number)
): Promise<SlowProxy> {
  const sockets = new Set<Socket>()
  const lines: Line[] = []
  const deaf = new Set<Line>()
  const trips: Trips[] = []
  let connections = 0
  let isHeld = false
  let holdsAt: string | undefined
  const join = (from: Socket, to: Socket) => {
    const line = new Line(to)
    lines.push(line)
    sockets.add(from)
    from.on('data', (chunk) => {
      if (holdsAt && chunk.includes(holdsAt)) isHeld = true
      if (!deaf.has(line)) line.send(chunk, isHeld)
    })
    for (const end of ['close', 'error']) from.on(end, () => !deaf.has(line) && to.destroy())
  }
  const server = createServer((near) => {
    const target = typeof targetPort === 'number' ? targetPort : targetPort(connections)
    const trip = new Trips()
    trips.push(trip)
    connections += 1
    near.on('data', (chunk) => !isBeat(chunk) && trip.ask())
    const far = connect(target, '127.0.0.1')
    far.on('data', (chunk) => !isBeatAnswered(chunk) && trip.answer())
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
    hold: () => {
      isHeld = true
    },
    holdAt: (text) => {
      holdsAt = text
    },
    isHeld: () => isHeld,
    release: () => {
      isHeld = false
      holdsAt = undefined
      for (const line of lines) line.flush()
    },
    underWay: (text) => lines.reduce((sum, line) => sum + line.count(text), 0),
    deafen: (connection) => {
      for (const line of lines.slice(2 * connection, 2 * connection + 2)) deaf.add(line)
    },
    connections: () => connections,
    roundTrips: (connection) => trips[connection]?.count ?? 0
  }
}

/** One direction of one connection, in order. */
class Line {
  readonly #to: Socket
  #underWay: Buffer[] = []

  constructor(to: Socket) {
    this.#to = to
  }

  send(chunk: Buffer, isHeld: boolean): void {
    this.#underWay.push(chunk)
    if (!isHeld) this.flush()
  }

  count(text: string): number {
    return Buffer.concat(this.#underWay).toString('latin1').split(text).length - 1
  }

  flush(): void {
    for (const chunk of this.#underWay.splice(0)) this.#to.write(chunk)
  }
}

class Trips {
  count = 0
  #isAsking = false

  ask(): void {
    if (!this.#isAsking) this.count += 1
    this.#isAsking = true
  }

  answer(): void {
    this.#isAsking = false
  }
}
