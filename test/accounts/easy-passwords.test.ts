import t from 'tap'
import { easyKinds } from '../../src/accounts/easy-passwords.ts'

/** Counts look-ups. */
class Asked extends Set<string> {
  times = 0

  override has(word: string): boolean {
    this.times += 1
    return super.has(word)
  }
}

t.test('only a bounded part of a password that spells out thousands of letters is examined', async (t) => {
  for (const letter of ['\ufdfa', '\u2026', '\u2057', 'a']) {
    const common = new Asked(['password'])
    const context = new Asked(['latchkey'])
    easyKinds(`${letter.repeat(127)}x${letter.repeat(127)}y`, { common, context })
    const times = common.times + context.times
    t.ok(times <= 2 * 30 * 256, `${times} words`)
  }
})

t.test('a long row of characters counts as a row whatever follows it', async (t) => {
  const words = { common: new Set<string>(), context: new Set<string>() }
  t.same(easyKinds('abcdefghijklmnopqrstuvwxyz', words), ['row'])
  t.same(easyKinds('zyxwvutsrqponmlkjihgfedcba!', words), ['row'])
  t.same(easyKinds(`${'a'.repeat(255)}b`, words), ['row'])
  t.same(easyKinds('abcabdabeabfabgabh', words), [])
})
