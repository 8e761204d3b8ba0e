import type { OutgoingHttpHeader, ServerResponse } from 'node:http'

/**
 * What express-session is given as the response. It decides at `end()` whether to save, touch or destroy the
 * session, and at `writeHead()` whether to set the cookie; when the real response goes out is decided elsewhere.
 */
export class StandIn {
  /** express-session looks here whether the headers are gone. They never are: nothing is sent from here. */
  readonly _header = ''
  readonly #res: ServerResponse
  #ended = () => {}

  constructor(res: ServerResponse) {
    this.#res = res
  }

  /** Lets express-session finish the session. It calls back once, after its last word about it. */
  finish(done: () => void): void {
    this.#ended = done
    this.end()
  }

  /** express-session puts its own over this one, and calls it when the session is saved. */
  end(): void {
    this.#ended()
  }

  write(): boolean {
    return true
  }

  /** express-session moves the headers among the arguments to the response. @returns the arguments that are left */
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
