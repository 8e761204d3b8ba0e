/** The schema of any text. */
export const string = { type: 'string' } as const

/**
 * A JSON Schema of an object, with its type for TypeScript. More properties may be there.
 * @param needed schemas of the properties that it has
 * @param optional schemas of those that may be missing
 */
export function objectSchema<const N extends object, const O extends object = object>(
  needed: N,
  optional = {} as O
) {
  const required = Object.keys(needed) as (keyof N & string)[]
  return { type: 'object', properties: { ...needed, ...optional }, required } as const
}
