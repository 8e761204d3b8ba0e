import autocannon, { type Instance, type Options, type Result } from 'autocannon'

/** Load that is running: what it tells meanwhile, and what came out of it in the end. */
export function startLoad(options: Options): { readonly load: Instance; readonly ended: Promise<Result> } {
  const { promise: ended, resolve, reject } = Promise.withResolvers<Result>()
  const load = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)))
  return { load, ended }
}
