import type { OutgoingHttpHeader, ServerResponse } from 'node:http'

/**
 * The response that express-session gets. At its `end()` express-session saves, touches or destroys the
 * session, at its `writeHead()` it sets the cookie. It sends nothing: HeldResponse decides when the real
 * response is sent.
 */
export class ResponseStub {
  /** express-session checks it to see whether headers were sent. Here they never are. */
  readonly _header = ''
  readonly #res: ServerResponse
  #ended = () => {}

  constructor(res: ServerResponse) {
    this.#res = res
  }

  /** Lets express-session finish the session. @param done called once, when the session is saved */
  finish(done: () => void): void {
    this.#ended = done
    this.end()
  }

  /** express-session replaces this method, and calls it when the session is saved. */
  end(): void {
    this.#ended()
  }

  write(): boolean {
    return true
  }

  /** express-session moves headers from the arguments to the response. @returns the remaining arguments */
  writeHead(...args: readonly unknown[]): readonly unknown[] {
    return args
  }

  _implicitHeader(): void {}

  get statusCode(): number {
    return this.#res.statusCode
  }

  set statusCode(statusCode: number) {
    this.#res.statusCode = statusCode
  }

  getHeader(name: string): OutgoingHttpHeader | undefined {
    return this.#res.getHeader(name)
  }

  setHeader(name: string, value: OutgoingHttpHeader): void {
    this.#res.setHeader(name, value)
  }

  appendHeader(name: string, value: string | readonly string[]): void {
    this.#res.appendHeader(name, value)
  }

  removeHeader(name: string): void {
    this.#res.removeHeader(name)
  }
}
