export type Outcome = 'ok' | 'failed'

/** @param operation the name of the method */
export type ObserveTime = (operation: string, outcome: Outcome, seconds: number) => void

/** The same object with each asynchronous method timed. */
export function timed<T extends object>(target: T, tell: ObserveTime): T {
  const methods = new Map<string | symbol, unknown>()
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const known = methods.get(name) ?? timedMethod(target, value, (...told) => tell(String(name), ...told))
      methods.set(name, known)
      return known
    }
  })
}

function timedMethod(
  target: object,
  method: CallableFunction,
  tell: (outcome: Outcome, seconds: number) => void
) {
  return (...args: unknown[]): unknown => {
    const startedAt = performance.now()
    const answer: unknown = Reflect.apply(method, target, args)
    if (!(answer instanceof Promise)) return answer
    const end = (outcome: Outcome) => () => tell(outcome, (performance.now() - startedAt) / 1000)
    answer.then(end('ok'), end('failed'))
    return answer
  }
}
