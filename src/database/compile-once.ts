import type { Compilable, CompiledQuery } from 'kysely'

/** Stands in a query for a value that is known only when it is asked. */
class Placeholder {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/**
 * A query that is built and compiled once, however often it is asked: for those on the way of every sign-in, where
 * building costs more than asking.
 * @param build makes the query, of the same shape whatever the values: it sees gaps in their place, which may go
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
