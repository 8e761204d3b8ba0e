import type { Compilable, CompiledQuery } from '#vendor/kysely'

/** Stands in a query for a value that is known only when the query runs. */
class Placeholder {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/**
 * A query that is built and compiled once, for queries of every sign-in, where building costs more than
 * running.
 * @param build makes the query; its shape must not depend on the values: it gets placeholders, allowed
 * wherever Kysely takes a value
 */
export function compileOnce<Values extends object, Row>(
  build: (values: Values) => Compilable<Row>
): (values: Values) => CompiledQuery<Row> {
  let compiled: CompiledQuery<Row> | undefined
  return (values) => {
    compiled ??= build(placeholders<Values>()).compile()
    const filled = compiled.parameters.map((one) =>
      one instanceof Placeholder ? Reflect.get(values, one.name) : one
    )
    return { ...compiled, parameters: filled }
  }
}

function placeholders<Values extends object>(): Values {
  return new Proxy({} as Values, { get: (_, name) => new Placeholder(String(name)) })
}
