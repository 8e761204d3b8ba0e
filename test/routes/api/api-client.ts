import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { FastifyInstance } from 'fastify'
import type { Response } from 'light-my-request'
import type { Test } from 'tap'
import { Visitor } from '../../build.ts'

type Method = 'get' | 'post' | 'put' | 'delete'

/** A client that checks every response against the OpenAPI document. */
export class ApiClient {
  readonly visitor: Visitor
  readonly #t: Test
  readonly #app: FastifyInstance
  readonly #ajv: Ajv2020

  constructor(t: Test, app: FastifyInstance) {
    this.visitor = new Visitor(app, 'program')
    this.#t = t
    this.#app = app
    this.#ajv = ajvFor(JSON.stringify(app.apiDocument()))
  }

  get = (url: string) => this.#held('get', url, this.visitor.get(url))
  delete = (url: string) => this.#held('delete', url, this.visitor.delete(url))
  post = (url: string, payload: Record<string, unknown> = {}) =>
    this.#held('post', url, this.visitor.post(url, payload))
  put = (url: string, payload: Record<string, unknown> = {}) =>
    this.#held('put', url, this.visitor.put(url, payload))

  async #held(method: Method, url: string, answering: Promise<Response>): Promise<Response> {
    const answer = await answering
    const { statusCode: status, headers, body } = answer
    const path = this.#pathOf(url, method)
    const said = this.#app.apiDocument().paths?.[path]?.[method]?.responses?.[status]
    this.#t.ok(said, `${method} ${path} may answer ${status}`)
    const type = String(headers['content-type']).split(';')[0] ?? ''
    if (status === 204) this.#t.equal(body, '')
    else
      this.#keeps(
        `#/paths/${escaped(path)}/${method}/responses/${status}/content/${escaped(type)}/schema`,
        body
      )
    return answer
  }

  #keeps(pointer: string, body: string): void {
    const validate = this.#ajv.getSchema(`document${pointer}`)
    if (!validate) return void this.#t.fail(`the document has no ${pointer}`)
    this.#t.ok(validate(JSON.parse(body)), `${pointer}: ${this.#ajv.errorsText(validate.errors)}`)
  }

  /** `/api/sessions/others` also matches `/api/sessions/{session}`: the path without a parameter wins. */
  #pathOf(url: string, method: Method): string {
    const [wanted = ''] = url.split('?')
    const fits = Object.entries(this.#app.apiDocument().paths ?? {})
      .filter(([path, item]) => method in (item ?? {}) && patternOf(path).test(wanted))
      .map(([path]) => path)
    return fits.find((path) => !path.includes('{')) ?? fits[0] ?? wanted
  }
}

const known = new Map<string, Ajv2020>()

/**
 * Compiling a schema takes longer than all requests of a test, and the document is nearly always the same.
 */
function ajvFor(document: string): Ajv2020 {
  const ajv = known.get(document) ?? new Ajv2020({ strict: false, allErrors: true })
  if (known.has(document)) return ajv
  known.set(document, ajv)
  addFormats.default(ajv)
  return ajv.addSchema(JSON.parse(document), 'document')
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`)
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}
