import { AsyncLocalStorage } from 'node:async_hooks'
import { StatementSync } from 'node:sqlite'

/** In `recorded.run(statements, step)` the step adds its statements in SQLite to the list, in their order. */
export const recorded = new AsyncLocalStorage<string[]>()

for (const method of ['run', 'get', 'all', 'iterate'] as const) {
  const original = StatementSync.prototype[method] as (...values: unknown[]) => unknown
  Reflect.set(StatementSync.prototype, method, function (this: StatementSync, ...values: unknown[]) {
    recorded.getStore()?.push(this.sourceSQL)
    return Reflect.apply(original, this, values)
  })
}
