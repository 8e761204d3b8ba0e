import type { ApiDocument } from './reference.ts'

/** What is documented of a route: its schema as Fastify has it, with what OpenAPI adds. */
export interface DocumentedRoute {
  readonly method: string | readonly string[]
  /** As Fastify has it: `/api/sessions/:session`. */
  readonly url: string
  readonly schema?: RouteSchema | undefined
}

interface RouteSchema {
  readonly tags?: readonly string[]
  readonly operationId?: string
  readonly summary?: string
  readonly description?: string
  readonly security?: readonly object[]
  readonly body?: unknown
  readonly querystring?: unknown
  readonly params?: unknown
  readonly response?: unknown
}

interface Schema {
  readonly $id?: string
  readonly type?: unknown
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  /** Of a response that is not plain JSON. */
  readonly content?: object
}

/** What is the same in each document. */
export interface DocumentFrame {
  readonly info: object
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly securitySchemes: object
  /** Schemas that routes refer to by `$id`. */
  readonly schemas: readonly Schema[]
}

/** The OpenAPI 3.1 document of the routes that have a tag. Their schemas are JSON Schema, as OpenAPI 3.1 wants them. */
export function openApiDocument(
  routes: readonly DocumentedRoute[],
  { schemas, securitySchemes, ...frame }: DocumentFrame
): ApiDocument {
  const paths: Record<string, Record<string, object>> = {}
  for (const { method, url, schema } of routes) {
    if (!schema?.tags) continue
    const path = url.replace(/:(\w+)/g, '{$1}')
    for (const verb of [method].flat().filter((verb) => verb !== 'HEAD')) {
      paths[path] = { ...paths[path], [verb.toLowerCase()]: operation(schema) }
    }
  }
  const named = Object.fromEntries(schemas.map(({ $id = '', ...schema }) => [$id, schema]))
  const components = { securitySchemes, schemas: named }
  const document = { openapi: '3.1.0', ...frame, components, paths }
  // Fastify's `Problem#` is a place in the document.
  return JSON.parse(JSON.stringify(document), (key, value) =>
    key === '$ref' ? `#/components/schemas/${value.replace(/#$/, '')}` : value
  )
}

function operation({ body, querystring, params, response, ...said }: RouteSchema): object {
  const parameters = [...parametersIn('path', params), ...parametersIn('query', querystring)]
  return {
    ...said,
    ...(parameters.length > 0 && { parameters }),
    ...(isSchema(body) && { requestBody: { required: true, content: asJson(body) } }),
    responses: Object.fromEntries(
      Object.entries(response ?? {})
        .filter((entry): entry is [string, Schema] => isSchema(entry[1]))
        .map(([status, schema]) => [status, answer(schema)])
    )
  }
}

function parametersIn(place: 'path' | 'query', schema: unknown): object[] {
  if (!isSchema(schema)) return []
  const { properties = {}, required = [] } = schema
  return Object.entries(properties).map(([name, { description, examples = [], ...schema }]) => ({
    ...{ name, in: place, description, required: place === 'path' || required.includes(name), schema },
    ...(examples.length > 0 && { example: examples[0] })
  }))
}

function answer(schema: Schema): object {
  const { description, type, content } = schema
  if (content || type === 'null') return { description, ...(content && { content }) }
  return { description, content: asJson(schema) }
}

function asJson(schema: Schema): object {
  return { 'application/json': { schema } }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null
}
