import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** A copy of a response's status and headers, to restore them. */
export class ResponseHead {
  readonly #res: ServerResponse
  readonly #statusCode: number
  readonly #statusMessage: string
  readonly #sendDate: boolean
  readonly #headers: OutgoingHttpHeaders

  constructor(res: ServerResponse) {
    this.#res = res
    this.#statusCode = res.statusCode
    this.#statusMessage = res.statusMessage
    this.#sendDate = res.sendDate
    this.#headers = headersOf(res)
  }

  restore(): void {
    const res = this.#res
    for (const name of res.getHeaderNames()) res.removeHeader(name)
    for (const [name, value = ''] of Object.entries(this.#headers)) res.setHeader(name, value)
    res.statusCode = this.#statusCode
    res.statusMessage = this.#statusMessage
    // Removing a Date header forbids Node to add its own.
    res.sendDate = this.#sendDate
  }
}

/** With copies of lists: `appendHeader` changes the list in the response. */
function headersOf(res: ServerResponse): OutgoingHttpHeaders {
  const headers = res.getHeaders()
  for (const name in headers) {
    const value = headers[name]
    if (Array.isArray(value)) headers[name] = [...value]
  }
  return headers
}
