import type { ServerResponse } from 'node:http'
import { lookSent, refuseHeaders } from './looks-sent.ts'
import { ResponseHead } from './response-head.ts'

type Method = 'writeHead' | 'write' | 'end' | 'flushHeaders' | 'addTrailers'

interface Call {
  readonly method: Method
  readonly args: readonly unknown[]
}

type Original = Readonly<Record<Method, (...args: never[]) => unknown>>

export type Done = (fault?: unknown) => void

export interface SessionSaver {
  /** Saves the session before the first byte is sent. */
  saveBeforeHeaders(done: Done): void
  /** Called once it is saved, if the application goes on writing: changes from here on are saved before the end. */
  beginParts(): void
  /** Saves what changed since `beginParts`. */
  saveBeforeEnd(done: Done): void
  /**
   * Adds headers once the session is saved.
   * @param writeHead the arguments of the application's call
   * @returns the arguments to call it with
   */
  addHeaders(...writeHead: readonly unknown[]): readonly unknown[]
  /** Adds the cookie of a session that was stored under a new id before it could not be saved again. */
  addStoredCookie(): void
  /** Passes the error to the application's error handler, which may use the response anew. */
  fail(fault: unknown): void
}

/**
 * Holds a response until the session is saved: calls that would send something wait, and to the application
 * the response looks sent. If saving fails, the calls are dropped, and status and headers are restored, so
 * that the error page contains nothing of the failed response.
 */
export class HeldResponse {
  readonly #res: ServerResponse
  readonly #saver: SessionSaver
  readonly #original: Original
  readonly #head: ResponseHead
  #waiting: Call[] = []
  #isStarted = false
  #isSaving = false
  #isSaved = false
  #isEnded = false
  #isGivenUp = false
  /** Whether headers were sent before the application ended the response. */
  #isInParts = false
  /** Whether a `write` returned false. */
  #isDrainDue = false
  #release: (() => void) | undefined

  constructor(res: ServerResponse, saver: SessionSaver) {
    this.#res = res
    this.#saver = saver
    this.#head = new ResponseHead(res)
    const { writeHead, write, end, flushHeaders, addTrailers } = res
    this.#original = { writeHead, write, end, flushHeaders, addTrailers }
    Object.assign(res, {
      writeHead: (...args: unknown[]) => this.#take({ method: 'writeHead', args }),
      write: (...args: unknown[]) => this.#take({ method: 'write', args }),
      end: (...args: unknown[]) => this.#take({ method: 'end', args }),
      flushHeaders: (...args: unknown[]) => this.#take({ method: 'flushHeaders', args }),
      addTrailers: (...args: unknown[]) => this.#take({ method: 'addTrailers', args })
    })
  }

  #take(call: Call): unknown {
    const { method } = call
    if (this.#isGivenUp) return method === 'write' || this.#res
    if (method === 'end') {
      // As in express-session, a response is ended once, whatever is called afterwards.
      if (this.#isEnded) return this.#res
      this.#isEnded = true
    }
    if (this.#isSaved) return this.#pass(call)
    if (method === 'writeHead' && this.#isStarted) refuseHeaders()
    if (method === 'addTrailers') return void this.#waiting.push(call)
    this.#isStarted = true
    return method === 'writeHead' || this.#isSaving ? this.#hold(call) : this.#save(call)
  }

  #save(call: Call): unknown {
    this.#isSaving = true
    this.#isInParts = call.method !== 'end'
    onceSettled(
      (done) => this.#saver.saveBeforeHeaders(done),
      (fault) => {
        this.#isSaved = true
        this.#release?.()
        if (fault === undefined) this.#sendWaiting()
        else this.#withdraw(fault)
      }
    )
    // Most often there is nothing to save, and nothing has to wait.
    return this.#isSaved ? this.#attempt(() => this.#pass(call)) : this.#hold(call)
  }

  #hold(call: Call): unknown {
    this.#waiting.push(call)
    this.#release ??= lookSent(this.#res, () => this.#isEnded)
    if (call.method !== 'write') return this.#res
    this.#isDrainDue = true
    return false
  }

  #sendWaiting(): void {
    this.#attempt(() => {
      const head = this.#waiting.find(({ method }) => method === 'writeHead')
      const args = this.#saver.addHeaders(...(head?.args ?? [this.#res.statusCode]))
      if (this.#isInParts) this.#saver.beginParts()
      const results = this.#waiting.map((call) => this.#pass(call === head ? { ...call, args } : call))
      if (this.#isDrainDue && !this.#isEnded && results.at(-1) !== false) this.#res.emit('drain')
    })
  }

  /**
   * What Node refuses to send becomes an error of the application. The session is saved, so the error page sets
   * its cookie.
   */
  #attempt(send: () => unknown): unknown {
    if (this.#isGivenUp) return this.#res
    try {
      return send()
    } catch (error) {
      if (!this.#res.headersSent) this.#saver.addHeaders(this.#res.statusCode)
      this.#giveUp(error)
      return this.#res
    }
  }

  #pass({ method, args }: Call): unknown {
    if (method === 'end' && this.#isInParts) return this.#endLater(args)
    return Reflect.apply(this.#original[method], this.#res, args)
  }

  #endLater(args: readonly unknown[]): ServerResponse {
    this.#isInParts = false
    onceSettled(
      (done) => this.#saver.saveBeforeEnd(done),
      (fault) => {
        if (fault === undefined) this.#attempt(() => Reflect.apply(this.#original.end, this.#res, args))
        else this.#giveUp(fault)
      }
    )
    return this.#res
  }

  #withdraw(fault: unknown): void {
    this.#head.restore()
    this.#saver.addStoredCookie()
    this.#giveUp(fault)
  }

  /**
   * From here on the application writes its response to the failure. Middleware around this one, such as
   * compression, and streams that were piped here still write the previous response: for them this is closed.
   */
  #giveUp(fault: unknown): void {
    this.#isGivenUp = true
    this.#waiting = []
    Object.assign(this.#res, this.#original, endOnce(this.#res, this.#original))
    this.#res.removeAllListeners('drain')
    this.#saver.fail(fault)
  }
}

/**
 * A handler may still write in parts after the error page has ended; that is no mistake of the application.
 */
function endOnce(res: ServerResponse, { write, end }: Original): Pick<Original, 'write' | 'end'> {
  let isEnded = false
  return {
    write: (...args: unknown[]) => isEnded || Reflect.apply(write, res, args),
    end: (...args: unknown[]) => {
      if (isEnded) return res
      isEnded = true
      return Reflect.apply(end, res, args)
    }
  }
}

/** A session that JSON cannot represent throws synchronously; that is a failure like any other. */
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
