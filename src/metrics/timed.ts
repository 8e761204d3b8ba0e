export type Outcome = 'ok' | 'failed'

/** A histogram. */
export interface Times {
  /** @param labels `operation` is the name of the method */
  observe(labels: { readonly operation: string; readonly outcome: Outcome }, seconds: number): void
}

/** An object of the same class whose asynchronous methods are timed: a function for each, made once. */
export function timed<T extends object>(target: T, times: Times, labels: object = {}): T {
  const same: T = Object.create(Object.getPrototypeOf(target))
  for (const [name, { value }] of Object.entries(membersOf(target))) {
    const own =
      typeof value === 'function'
        ? { value: timedMethod(target, value, { times, labels: { ...labels, operation: name } }) }
        : { get: () => Reflect.get(target, name) }
    Object.defineProperty(same, name, { ...own, configurable: true })
  }
  return same
}

/** Also those of the classes that its class extends. */
function membersOf(target: object): Record<string, PropertyDescriptor> {
  if (target === Object.prototype) return {}
  const { constructor: _, ...own } = Object.getOwnPropertyDescriptors(target)
  return { ...membersOf(Object.getPrototypeOf(target)), ...own }
}

function timedMethod(
  target: object,
  method: CallableFunction,
  { times, labels }: { readonly times: Times; readonly labels: { readonly operation: string } }
) {
  return (...args: unknown[]): unknown => {
    const startedAt = performance.now()
    const answer: unknown = Reflect.apply(method, target, args)
    if (!(answer instanceof Promise)) return answer
    const end = (outcome: Outcome) =>
      times.observe({ ...labels, outcome }, (performance.now() - startedAt) / 1000)
    answer.then(
      () => end('ok'),
      () => end('failed')
    )
    return answer
  }
}
