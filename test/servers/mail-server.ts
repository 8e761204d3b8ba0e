import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { Test } from 'tap'

/** What a mail server does with the next message. A number is the code that it answers with. */
export type Behaviour =
  | 'takes it'
  | 'hangs up before it answers'
  | 'takes it and hangs up'
  | 'does not answer'
  | {
      readonly at: 'sender' | 'recipient' | 'data' | 'greeting'
      readonly code: number
      readonly text: string
    }

export interface MailServerOptions {
  readonly options?: SMTPServerOptions
  readonly isTls?: boolean
}

/** A real SMTP server on a free port, which takes mail and can be told to fail. */
export class MailServer {
  /** As it arrived. */
  readonly raw: Buffer[] = []
  readonly recipients: string[] = []
  /** How many times somebody connected. */
  connections = 0
  behaviour: Behaviour = 'takes it'
  readonly #server: SMTPServer

  constructor({ options }: MailServerOptions = {}) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 1,
      logger: false,
      onConnect: (_session, done) => {
        this.connections += 1
        done(this.#refusal('greeting'))
      },
      onMailFrom: (_address, _session, done) => done(this.#refusal('sender')),
      onRcptTo: ({ address }, _session, done) => {
        const refusal = this.#refusal('recipient')
        if (!refusal) this.recipients.push(address)
        done(refusal)
      },
      onData: async (stream, _session, done) => {
        const message = await buffer(stream)
        if (this.behaviour === 'does not answer') return
        if (this.behaviour === 'hangs up before it answers') return this.hangUp()
        const refusal = this.#refusal('data')
        if (!refusal) this.raw.push(message)
        if (this.behaviour === 'takes it and hangs up') return this.hangUp()
        done(refusal)
      },
      ...options
    })
    // Of clients that hang up.
    this.#server.on('error', () => {})
  }

  async listen(t: Test, port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server.server, 'listening')
    t.teardown(() => this.close())
    return this
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    if (!this.#server.server.listening) return
    const closed = once(this.#server.server, 'close')
    this.#server.close()
    this.hangUp()
    await closed
  }

  /** Ends every connection. */
  hangUp(): void {
    for (const connection of this.#server.connections) connection._socket.destroy()
  }

  /** What arrived, parsed by another program than the one that made it. */
  async messages(): Promise<readonly Email[]> {
    return Promise.all(this.raw.map((each) => PostalMime.parse(each)))
  }

  #refusal(at: string): (Error & { responseCode: number }) | undefined {
    const { behaviour } = this
    if (typeof behaviour === 'string' || behaviour.at !== at) return undefined
    return Object.assign(new Error(behaviour.text), { responseCode: behaviour.code })
  }
}
