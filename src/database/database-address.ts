/** Where accounts are stored: in the embedded database (a path or `:memory:`), or in PostgreSQL. */
export type DatabaseAddress =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'postgres'; readonly url: string }

/** @throws {Error} with a message that completes a sentence starting with the name of the setting */
export function parseDatabaseUrl(value: string): DatabaseAddress {
  if (/^file:./.test(value)) return { kind: 'sqlite', file: value.slice('file:'.length) }
  if (isPostgresUrl(value)) return { kind: 'postgres', url: value }
  const what = hidesNothing.test(value) ? `is "${value}"` : 'is not a database address'
  throw new Error(
    `${what}, it must be a file, such as file:./data/latchkey.db, or an address such as postgres://latchkey@localhost/latchkey`
  )
}

/** A path, or a host with a port and a name: no part of it can be a password, however it was mistyped. */
const hidesNothing = /^([a-z+-]+:)?(\/\/[^:@?#=&]*(:\d{0,5})?(\/[^:@?#=&]*)?|[^:@?#=&]*)$/i

/** `?host=` names a folder with a socket, as in libpq. Invalid percent-encoding is refused, and a list of hosts. */
function isPostgresUrl(value: string): boolean {
  if (!/^postgres(ql)?:\/\//.test(value) || /%(?![0-9a-f]{2})/i.test(value)) return false
  // For WHATWG whoever has a user has a host.
  const url = [value, value.replace(/^(\w+:\/\/[^@/?#]*@)\//, '$1localhost/')].find((each) =>
    URL.canParse(each)
  )
  if (url === undefined) return false
  const { hostname, searchParams } = new URL(url)
  const host = searchParams.get('host') ?? (url === value ? hostname : '')
  return host !== '' && !host.includes(',')
}
