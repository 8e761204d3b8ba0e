/** As much of an OpenAPI document as a page shows. */
export interface ApiDocument {
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
  readonly what: string
}

/** What a page shows of the API: its groups, and what each address takes and answers. */
export function readable({ tags = [], paths = {} }: ApiDocument) {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      ...operation
    }))
  )
  return tags.map(({ name, description = '' }) => ({
    name,
    description,
    operations: operations.filter(({ tags }) => tags?.includes(name)).map(describe)
  }))
}

function describe(operation: Operation & { readonly path: string; readonly method: string }) {
  const { path, method, operationId, summary, description = '', parameters = [] } = operation
  const answers = Object.entries(operation.responses).map(([status, answer]) => ({
    status,
    description: plain(answer.description),
    fields: status.startsWith('2') ? fieldsOf(answer) : []
  }))
  const asked = parameters.map(({ name, required = false, description = '' }) => ({
    name,
    isOptional: !required,
    what: plain(description)
  }))
  const fields = [...asked, ...fieldsOf(operation.requestBody)]
  return { path, method, id: operationId, summary, description: plain(description), fields, answers }
}

/** The document's descriptions are Markdown, a page is not. */
function plain(description: string): string {
  return description.replaceAll('`', '')
}

/** Of the JSON in it; those of a list are named `sessions[].address`. */
function fieldsOf(holder: Content | undefined): readonly Field[] {
  const schema = holder?.content?.['application/json']?.schema
  return schema ? fieldsIn(schema, '') : []
}

function fieldsIn({ properties = {}, required = [] }: Schema, prefix: string): readonly Field[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const isOptional = !required.includes(name)
    const field = { name: prefix + name, isOptional, what: plain(schema.description ?? '') }
    return schema.items ? fieldsIn(schema.items, `${prefix}${name}[].`) : [field]
  })
}
