import { Agent, request } from 'node:http'
import type { Call, What } from './history.ts'
import type { ServiceProcess } from './service-process.ts'

/** Whoever waits longer gives up. */
const giveUpMilliseconds = 20_000

export interface Question
  extends Pick<Call, 'what' | 'person' | 'cookie' | 'password' | 'newPassword' | 'target'> {
  readonly what: What
  readonly method: string
  readonly path: string
  readonly body?: object
  /** The client's address. */
  readonly from: string
}

/** Asks processes and writes down every question with its answer. */
export class Client {
  readonly calls: Call[] = []
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 200 })
  readonly #onAnswer: (call: Call) => void
  #isClosed = false

  constructor(onAnswer: (call: Call) => void) {
    this.#onAnswer = onAnswer
  }

  async ask(process: ServiceProcess, question: Question): Promise<Call> {
    const { method, path, body, from, ...asked } = question
    const begin = performance.now()
    const answer = await this.#send(process.url, question)
    const call: Call = { ...asked, process: process.name, begin, end: performance.now(), ...answer }
    this.note(call)
    return call
  }

  /** What was asked in another way. */
  note(call: Call): void {
    // What is under way at the end has no answer.
    if (this.#isClosed) return
    this.calls.push(call)
    this.#onAnswer(call)
  }

  close(): void {
    this.#isClosed = true
    this.#agent.destroy()
  }

  #send(base: string, { method, path, body, cookie, from }: Question): Promise<Answer> {
    const text = body && JSON.stringify(body)
    const headers = {
      accept: 'application/json',
      'x-forwarded-for': from,
      ...(cookie !== undefined && { cookie: `latchkey=${cookie}` }),
      ...(text && { 'content-type': 'application/json' })
    }
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const fail = ({ message }: Error) => resolve({ status: 0, failure: message })
    // Also of a request that waits for a connection, which has no timeout of its own.
    const signal = AbortSignal.timeout(giveUpMilliseconds)
    const options = { agent: this.#agent, method, headers, signal }
    const asking = request(new URL(path, base), options, (response) => {
      let received = ''
      response.on('error', fail)
      response.on('data', (chunk) => {
        received += chunk
      })
      response.on('end', () => {
        if (!response.complete) return fail(new Error('half an answer'))
        resolve(read(response.statusCode ?? 0, response.headers, received))
      })
    })
    asking.on('error', fail)
    asking.end(text)
    return promise
  }
}

type Answer = Pick<Call, 'status' | 'failure' | 'code' | 'id' | 'name' | 'given'>

function read(status: number, headers: NodeJS.Dict<string | string[]>, text: string): Answer {
  const body = Object(text.startsWith('{') ? JSON.parse(text) : {})
  const set = [headers['set-cookie'] ?? []].flat().map((line) => /^latchkey=([^;]+)/.exec(line)?.[1])
  const named = body.name ?? body.user ?? headers['remote-user']
  return {
    status,
    code: body.code,
    id: headers['x-auth-id']?.toString() ?? body.id,
    name: status < 300 && named ? String(named) : undefined,
    given: set.find((value) => value !== undefined)
  }
}
