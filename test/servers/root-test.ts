import type { Test } from 'tap'

/** The root test, which ends after all tests of this process. */
export function rootTest(t: Test): Test {
  return t.parent ? rootTest(t.parent as Test) : t
}
