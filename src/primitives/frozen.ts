/** Freezes what JSON can represent, to the last value inside, however deep: without recursion. @returns the same value */
export function frozen<T>(value: T): T {
  const waiting: unknown[] = [value]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (typeof next !== 'object' || next === null || Object.isFrozen(next)) continue
    for (const inside of Object.values(Object.freeze(next))) waiting.push(inside)
  }
  return value
}
