/** Requests that change nothing (RFC 9110 §9.2.1). */
export const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether none of the methods of a route changes anything. */
export function isSafeRoute({ method }: { readonly method: string | readonly string[] }): boolean {
  return [method].flat().every((one) => safeMethods.has(one))
}
