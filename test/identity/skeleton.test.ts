import t from 'tap'
import { confusables, confusablesVersion } from '../../src/identity/confusables.ts'
import { isAllowed } from '../../src/identity/precis.ts'
import { skeletonOf } from '../../src/identity/skeleton.ts'

t.test('texts that look alike have the same skeleton', async (t) => {
  const pairs = [
    ['alice', '\u0430lice'],
    ['Alice', 'AIice'],
    ['ann1', 'annl'],
    ['Zoë', 'Zoe\u0308'],
    ['marnie', 'mamie'],
    ['scope', '\u0455\u0441\u043e\u0440\u0435'],
    ['bob0', 'bobO'],
    ['al\u200bice', 'alice'],
    ['\u05d5', 'l'],
    // No dot is drawn on a dotted letter, nor one mark twice over a letter.
    ['ali\u0307ce', 'alice'],
    ['al\u0131\u0307ce', 'alice'],
    ['al\u0456\u0323\u0307ce', 'ali\u0323ce'],
    ['j\u0307an', 'jan'],
    ['a\u0338\u0338nn', 'a\u0338nn'],
    // Marks of other scripts, which many fonts do not draw over these letters.
    ['google\u0f37', 'google'],
    ['al\u0301\u0f84ice', 'al\u0301ice'],
    ['alice\u{16fe4}', 'alice'],
    ['\u0430\u3099nn', 'ann'],
    // Shown in one order, because a number takes the direction of what is before it.
    ['123 \u05d0\u05d1\u05d2', '\u05d0\u05d1\u05d2 123'],
    ['ann \u05d0\u05d1\u05d2', '\u05d0\u05d1\u05d2 ann']
  ] as const
  for (const [one, other] of pairs) t.equal(skeletonOf(one), skeletonOf(other), `${one} ${other}`)
})

t.test('others do not', async (t) => {
  const pairs = [
    ['alice', 'alyce'],
    ['Ian', 'Lan'],
    ['ann', 'anna'],
    ['Zoe', 'Zoë'],
    ['nai\u0301f', 'naif'],
    ['i\u0301\u0307o', 'i\u0301o'],
    ['g\u0307o', 'go'],
    ['\u0e01\u0e34', '\u0e01'],
    ['\u0432\u0483', '\u0432'],
    ['ann lee', 'lee ann'],
    ['\u05d0\u05d1 \u05d2\u05d3', '\u05d2\u05d3 \u05d0\u05d1'],
    ['山田', '山口']
  ] as const
  for (const [one, other] of pairs) t.not(skeletonOf(one), skeletonOf(other), `${one} ${other}`)
})

t.test('the table is of the Unicode that this Node knows, or of an older one', async (t) => {
  t.ok(Number.parseFloat(confusablesVersion) <= Number.parseFloat(process.versions.unicode ?? ''))
  const groups = confusables.split(';')
  t.ok(groups.length > 500)
  const sources = groups.flatMap((group) => group.split(' ').slice(1))
  t.equal(new Set(sources).size, sources.length, 'each character once')
  const characters = sources.map((source) => String.fromCodePoint(Number.parseInt(source, 36)))
  // What is made of a letter and an accent is taken apart first.
  t.same(
    characters.filter((character) => !isAllowed(character) && character.normalize('NFD') !== character),
    []
  )
})
