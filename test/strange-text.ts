import fc from 'fast-check'

/**
 * Any characters, lone surrogates included. fast-check's own unit `binary` builds a map of all of Unicode for
 * each place where it is used, which takes half a second.
 */
export function strangeText(constraints: { maxLength: number }): fc.Arbitrary<string> {
  return fc.string({ unit: character, ...constraints })
}

const character = fc
  .oneof(
    fc.integer({ min: 0, max: 0xff }),
    fc.integer({ min: 0, max: 0xffff }),
    fc.integer({ min: 0, max: 0x10ffff })
  )
  .map((point) => String.fromCodePoint(point))
