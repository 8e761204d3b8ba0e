import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** How a link behaves. `cut`: connections are closed and new ones too. `deaf`: data is lost and nobody is told. */
export type LinkState =
  | { readonly kind: 'whole' | 'cut' | 'deaf' | 'held' }
  | { readonly kind: 'slow'; readonly milliseconds: number }

const whole: LinkState = { kind: 'whole' }
const shares = [1, 0.2, 1.8, 0.6, 1.4]
let links = 0

/** A TCP relay to a local port: the link between one process, or all, and one server. */
export class Relay {
  readonly port: number
  #state: LinkState = whole
  /** Whether replicas get nothing. */
  #areReplicasCutOff = false
  readonly #links = new Set<Link>()
  readonly #close: () => void

  private constructor(port: number, close: () => void) {
    this.port = port
    this.#close = close
  }

  /** @param targetPort may become known after the relay has its own */
  static async start(targetPort: number | Promise<number>): Promise<Relay> {
    const server = createServer(async (near) => relay.#accept(near, await targetPort)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const relay: Relay = new Relay((server.address() as AddressInfo).port, () => server.close())
    return relay
  }

  /** What was held is sent on; connections that lost data stay dead, as whoever has them finds out. */
  set(state: LinkState): void {
    this.#state = state
    for (const link of this.#links) this.#bring(link, state)
  }

  /** Half of the connections that there are lose their data from now on; new ones do not. */
  deafenSome(isStruck: () => boolean): void {
    for (const link of this.#links) if (isStruck()) link.deafen()
  }

  /** Replicas, which announce themselves with REPLCONF, get nothing more; they do after `false`. */
  cutOffReplicas(areCutOff: boolean): void {
    this.#areReplicasCutOff = areCutOff
    for (const link of this.#links) if (link.isReplica) link.destroy()
  }

  close(): void {
    this.#close()
    for (const link of this.#links) link.destroy()
  }

  #accept(near: Socket, targetPort: number): void {
    if (this.#state.kind === 'cut') return void near.destroy()
    const link = new Link(near, connect(targetPort, '127.0.0.1'), {
      refusesReplicas: () => this.#areReplicasCutOff,
      onEnd: () => this.#links.delete(link)
    })
    this.#links.add(link)
    this.#bring(link, this.#state)
  }

  #bring(link: Link, state: LinkState): void {
    if (state.kind === 'cut') link.destroy()
    else if (state.kind === 'deaf') link.deafen()
    else if (state.kind === 'slow') link.delay(state.milliseconds * link.share)
    else link.delay(state.kind === 'held' ? Number.POSITIVE_INFINITY : 0)
  }
}

interface LinkOptions {
  readonly refusesReplicas: () => boolean
  readonly onEnd: () => void
}

/** A connection through the relay. */
class Link {
  isReplica = false
  /** Of a delay: two connections of one process are not equally slow. */
  readonly share = shares[links++ % shares.length] ?? 1
  readonly #sockets: readonly Socket[]
  readonly #lines: readonly Line[]
  #isDeaf = false

  constructor(near: Socket, far: Socket, { refusesReplicas, onEnd }: LinkOptions) {
    this.#sockets = [near, far]
    this.#lines = [new Line(far), new Line(near)]
    for (const [place, socket] of this.#sockets.entries()) {
      socket.setNoDelay(true)
      socket.on('data', (chunk) => {
        if (place === 0 && !this.isReplica && /replconf/i.test(chunk.toString('latin1', 0, 64))) {
          this.isReplica = true
          if (refusesReplicas()) this.destroy()
        }
        if (!this.#isDeaf) this.#lines[place]?.send(chunk)
      })
      // A dead link does not tell its ends of each other.
      for (const end of ['close', 'error'])
        socket.on(end, () => {
          if (!this.#isDeaf) this.destroy()
          if (this.#sockets.every(({ destroyed }) => destroyed)) onEnd()
        })
    }
  }

  deafen(): void {
    this.#isDeaf = true
  }

  delay(milliseconds: number): void {
    for (const line of this.#lines) line.delay(milliseconds)
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** One direction: what comes in goes out in the same order, at once or later. */
class Line {
  readonly #to: Socket
  #waiting: { readonly chunk: Buffer; readonly at: number }[] = []
  #delay = 0

  constructor(to: Socket) {
    this.#to = to
  }

  send(chunk: Buffer): void {
    if (this.#delay === 0 && this.#waiting.length === 0) return void this.#to.write(chunk)
    this.#waiting.push({ chunk, at: performance.now() })
    if (Number.isFinite(this.#delay)) setTimeout(() => this.#flush(), this.#delay)
  }

  delay(milliseconds: number): void {
    this.#delay = milliseconds
    this.#flush()
  }

  #flush(): void {
    const due = performance.now() - this.#delay
    while (this.#waiting[0] && this.#waiting[0].at <= due + 1) {
      const { chunk } = this.#waiting[0]
      this.#waiting.shift()
      if (!this.#to.destroyed) this.#to.write(chunk)
    }
  }
}
