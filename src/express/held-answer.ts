import type { ServerResponse } from 'node:http'
import { lookSent, refuseHeaders } from './looks-sent.ts'

type Method = 'writeHead' | 'write' | 'end' | 'flushHeaders'

interface Call {
  readonly method: Method
  readonly args: readonly unknown[]
}

type Send = (...args: never[]) => unknown

export type Done = (fault?: unknown) => void

export interface Keeper {
  /** Whether the answer may leave as it is. */
  hasNothingToSave(): boolean
  /** Saves what has to be saved before the first byte leaves. */
  saveFirst(done: Done): void
  /** Saves what changed while an answer in parts was under way. */
  saveLast(done: Done): void
  /**
   * Adds to the headers just before they are made.
   * @returns what is left for `writeHead` to say
   */
  addHeaders(...writeHead: readonly unknown[]): readonly unknown[]
  /** Told what could not be saved, when the answer that relied on it is withdrawn. */
  tell(fault: unknown): void
}

/**
 * Holds a response back until what it says is true: what the application writes waits until the session is saved.
 * To the application the response looks sent meanwhile. Where saving fails the answer is withdrawn, and the
 * response is as good as new for whoever tells the visitor.
 */
export class HeldAnswer {
  readonly #res: ServerResponse
  readonly #keeper: Keeper
  readonly #send: Readonly<Record<Method, Send>>
  #waiting: Call[] = []
  #isSaving = false
  #isSaved = false
  #isEnded = false
  /** Whether it began to leave before the application had ended it. */
  #isInParts = false
  #release: (() => void) | undefined

  constructor(res: ServerResponse, keeper: Keeper) {
    this.#res = res
    this.#keeper = keeper
    const { writeHead, write, end, flushHeaders } = res
    this.#send = { writeHead, write, end, flushHeaders }
    Object.assign(res, {
      writeHead: (...args: unknown[]) => this.#take({ method: 'writeHead', args }),
      write: (...args: unknown[]) => this.#take({ method: 'write', args }),
      end: (...args: unknown[]) => this.#take({ method: 'end', args }),
      flushHeaders: (...args: unknown[]) => this.#take({ method: 'flushHeaders', args })
    })
  }

  #take(call: Call): unknown {
    const isEnd = call.method === 'end'
    // As express-session does: an answer is ended once, whatever comes after it.
    if (isEnd && this.#isEnded) return this.#res
    this.#isEnded ||= isEnd
    if (this.#isSaved || this.#leavesAtOnce(call)) return this.#pass(call)
    if (call.method === 'writeHead' && this.#waiting.length > 0) refuseHeaders()
    this.#waiting.push(call)
    if (!this.#isSaving && call.method !== 'writeHead') this.#save(call)
    if (!this.#isSaved) this.#release ??= lookSent(this.#res, () => this.#isEnded)
    return call.method === 'write' ? this.#isSaved : this.#res
  }

  #leavesAtOnce({ method }: Call): boolean {
    if (method === 'writeHead' || this.#waiting.length > 0 || !this.#keeper.hasNothingToSave()) return false
    this.#isInParts = method !== 'end'
    this.#isSaved = true
    return true
  }

  #save({ method }: Call): void {
    this.#isSaving = true
    this.#isInParts = method !== 'end'
    onceSettled(
      (done) => this.#keeper.saveFirst(done),
      (fault) => {
        this.#isSaved = true
        this.#release?.()
        if (fault === undefined) this.#sendWaiting()
        else this.#withdraw(fault)
      }
    )
  }

  #sendWaiting(): void {
    try {
      const head = this.#waiting.find(({ method }) => method === 'writeHead')
      const left = this.#keeper.addHeaders(...(head?.args ?? [this.#res.statusCode]))
      const results = this.#waiting.map((call) => this.#pass(call === head ? { ...call, args: left } : call))
      if (!this.#isEnded && results.at(-1) !== false) this.#res.emit('drain')
    } catch (error) {
      this.#giveUp(error)
    }
  }

  #pass(call: Call): unknown {
    if (call.method === 'end' && this.#isInParts) return this.#endLater(call)
    return Reflect.apply(this.#send[call.method], this.#res, call.args)
  }

  #endLater({ args }: Call): ServerResponse {
    this.#isInParts = false
    onceSettled(
      (done) => this.#keeper.saveLast(done),
      (fault) => {
        if (fault === undefined) Reflect.apply(this.#send.end, this.#res, args)
        else this.#giveUp(fault)
      }
    )
    return this.#res
  }

  #withdraw(fault: unknown): void {
    forgetAnswer(this.#res)
    this.#giveUp(fault)
  }

  /** Whatever is written from here on is the application's answer to the failure. */
  #giveUp(fault: unknown): void {
    this.#waiting = []
    this.#isInParts = false
    this.#isEnded = false
    this.#keeper.tell(fault)
  }
}

/** A session that JSON has no form for throws at once; that is a fault as any other. */
function onceSettled(save: (done: Done) => void, settle: Done): void {
  let isSettled = false
  const done: Done = (fault) => {
    isSettled = true
    settle(fault)
  }
  try {
    save(done)
  } catch (error) {
    if (isSettled) throw error
    settle(error)
  }
}

/** Takes out what described the answer that is withdrawn. What every answer of this application says stays. */
function forgetAnswer(res: ServerResponse): void {
  const own = /^(content-.*|location|etag|last-modified|cache-control|expires|set-cookie|transfer-encoding)$/
  for (const name of res.getHeaderNames()) if (own.test(name)) res.removeHeader(name)
  res.statusCode = 200
  res.statusMessage = ''
}
