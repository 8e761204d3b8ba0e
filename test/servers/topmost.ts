import type { Test } from 'tap'

/** The root test, which ends after all tests of this process. */
export function topmost(t: Test): Test {
  return t.parent ? topmost(t.parent as Test) : t
}
