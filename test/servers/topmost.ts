import type { Test } from 'tap'

/** The test that ends last, when all of this process are over. */
export function topmost(t: Test): Test {
  return t.parent ? topmost(t.parent as Test) : t
}
