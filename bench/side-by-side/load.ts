import autocannon, { type Instance, type Options, type Result } from 'autocannon'

/** Running load: its progress, and its final result. */
export function startLoad(options: Options): { readonly load: Instance; readonly ended: Promise<Result> } {
  const { promise: ended, resolve, reject } = Promise.withResolvers<Result>()
  const load = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)))
  return { load, ended }
}
