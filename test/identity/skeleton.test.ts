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
    ['\u05d5', 'l']
  ] as const
  for (const [one, other] of pairs) t.equal(skeletonOf(one), skeletonOf(other), `${one} ${other}`)
})

t.test('others do not', async (t) => {
  const pairs = [
    ['alice', 'alyce'],
    ['Ian', 'Lan'],
    ['ann', 'anna'],
    ['Zoe', 'Zoë'],
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
