/** The parts of an OpenAPI document that the page shows. */
export interface ApiDocument {
  readonly servers?: readonly { readonly url: string }[]
  readonly tags?: readonly { readonly name: string; readonly description?: string }[]
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

interface Operation {
  readonly tags?: readonly string[]
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content & { readonly description: string }>>
}

interface Parameter {
  readonly name: string
  readonly required?: boolean
  readonly description?: string
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly description?: string
}

export interface Field {
  readonly name: string
  readonly isOptional: boolean
  readonly what: RichText
}

/** A description, with its code (in backticks) apart from its text. */
export type RichText = readonly { readonly text: string; readonly isCode: boolean }[]

type DescribedOperation = Operation & { readonly path: string; readonly method: string }
type FoundField = Omit<Field, 'what'> & { readonly description: string }

/**
 * The data of the page that documents the API: groups of operations, with what each takes and returns. Fields
 * of responses and reasons for refusals are explained once for all.
 */
export function apiReference({ servers = [], tags = [], paths = {} }: ApiDocument) {
  const base = new URL(servers[0]?.url ?? '/', 'http://this-site.invalid').pathname.replace(/\/$/, '')
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path: base + path,
      method: method.toUpperCase(),
      ...operation
    }))
  )
  const groups = tags.map(({ name, description = '' }) => ({
    name,
    description,
    operations: operations.filter(({ tags }) => tags?.includes(name)).map(describe)
  }))
  return { groups, fields: meaningsOf(operations), refusals: refusalsOf(operations) }
}

function describe(operation: DescribedOperation) {
  const { path, method, operationId: id, summary, description = '', parameters = [], responses } = operation
  const asked = parameters.map(({ name, required = false, description = '' }) => ({
    name,
    isOptional: !required,
    what: richText(description)
  }))
  const sent = fieldsOf(operation.requestBody).map(({ description, ...field }) => ({
    ...field,
    what: richText(description)
  }))
  const answers = Object.entries(responses)
    .filter(([status]) => isSuccess(status))
    .map(([status, answer]) => ({ status, shape: shapeOf(jsonOf(answer)) }))
  const refusals = Object.keys(responses).filter((status) => !isSuccess(status))
  return {
    path,
    method,
    id,
    summary: richText(`${summary}.`),
    what: richText(`${summary}. ${description}`.trim()),
    fields: [...asked, ...sent],
    answers,
    refusals
  }
}

/** Each field of a response once; a name with two meanings is listed twice. */
function meaningsOf(operations: readonly DescribedOperation[]) {
  const found = operations
    .flatMap(({ responses }) => Object.entries(responses))
    .flatMap(([status, answer]) => (isSuccess(status) ? fieldsOf(answer) : []))
  const once = new Map(found.map((field) => [`${field.name} ${field.description}`, field]))
  return [...once.values()].map(({ name, description }) => ({ name, what: richText(description) }))
}

function refusalsOf(operations: readonly DescribedOperation[]) {
  const found = operations.flatMap(({ responses }) => Object.entries(responses))
  const once = new Map(found.filter(([status]) => !isSuccess(status)))
  return [...once].sort().map(([status, { description }]) => ({ status, what: richText(description) }))
}

function isSuccess(status: string): boolean {
  return status.startsWith('2')
}

function richText(description: string): RichText {
  return description.split('`').map((text, index) => ({ text, isCode: index % 2 === 1 }))
}

function jsonOf(holder: Content | undefined): Schema {
  return holder?.content?.['application/json']?.schema ?? {}
}

/** The shape of a response: `{ sessions: [{ session, isThis }] }`; empty for a plain value. */
function shapeOf({ properties, items }: Schema): string {
  if (items) return `[${shapeOf(items)}]`
  if (!properties) return ''
  const parts = Object.entries(properties).map(([name, schema]) => {
    const shape = shapeOf(schema)
    return shape ? `${name}: ${shape}` : name
  })
  return `{ ${parts.join(', ')} }`
}

/** Includes the fields of list elements and of objects inside. */
function fieldsOf(holder: Content | undefined): readonly FoundField[] {
  return fieldsIn(jsonOf(holder))
}

function fieldsIn({ properties = {}, required = [] }: Schema): readonly FoundField[] {
  return Object.entries(properties).flatMap(([name, { items, ...schema }]) => {
    const inner = items ?? schema
    const { description = '' } = schema
    return inner.properties ? fieldsIn(inner) : [{ name, isOptional: !required.includes(name), description }]
  })
}
