import t from 'tap'
import { message } from '../../src/i18n/texts.ts'
import { checkName, nameKey } from '../../src/identity/names.ts'

t.test('a name is stored as written', async (t) => {
  for (const name of ['alice', 'Alice Liddell', 'alice@example.org', 'Zoë', '山田太郎', '🦊', 'x']) {
    t.match(checkName(name), { ok: true, name }, name)
  }
})

t.test('a name has 1 to 64 characters, counted as people count them', async (t) => {
  t.same(checkName(''), { ok: false, reason: message('names.missing') })
  t.match(checkName('🦊'.repeat(64)), { ok: true })
  t.same(checkName('🦊'.repeat(65)), {
    ok: false,
    reason: message('names.tooLong', { count: 65, most: 64 })
  })
})

t.test('a name neither begins nor ends with a space', async (t) => {
  for (const name of [' alice', 'alice ', '\talice', 'alice\n', '\u00a0alice', ' ']) {
    t.same(checkName(name), { ok: false, reason: message('names.spaceAround') }, inspect(name))
  }
})

t.test('a name cannot contain characters that change the text around it', async (t) => {
  const characters = [
    '\0',
    '\n',
    '\x7f',
    '\u0085',
    '\u2028',
    '\u2029',
    '\u202e',
    '\u2066',
    '\u200f',
    '\ud83e'
  ]
  for (const character of characters) {
    const check = checkName(`al${character}ice`)
    t.same(check, { ok: false, reason: message('names.control') }, inspect(character))
  }
})

t.test('a name has at least one visible character', async (t) => {
  for (const name of ['\u200b', '\u00ad\u200d', '\u3164']) {
    t.same(checkName(name), { ok: false, reason: message('names.invisible') }, inspect(name))
  }
})

t.test('names that differ only in look or typing are the same', async (t) => {
  const pairs = [
    ['Alice', 'aLICE'],
    ['alice', 'ａｌｉｃｅ'],
    ['Zoe\u0308', 'Zoë'],
    ['Straße', 'STRASSE'],
    ['Straße', 'STRAẞE'],
    ['ΟΔΟΣ', 'οδος'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['ﬁona', 'FIONA'],
    ['al\u200bice', 'alice'],
    ['alice ', 'alice'],
    ['ΑΣΑ', 'ΑΣ\u3164Α']
  ] as const
  for (const [one, other] of pairs) t.equal(nameKey(one), nameKey(other), `${inspect(one)} ${inspect(other)}`)
})

t.test('different names stay different', async (t) => {
  t.not(nameKey('alice'), nameKey('alicе'), 'a Cyrillic letter')
  t.not(nameKey('ann lee'), nameKey('annlee'))
  t.not(nameKey('Zoe'), nameKey('Zoë'))
})

t.test('every spelling of a character is compared as the same', async (t) => {
  const unstable = []
  for (let point = 0; point <= 0x10ffff; point++) {
    const character = String.fromCodePoint(point)
    if (/[\p{Unassigned}\p{Private_Use}]/u.test(character)) continue
    const name = `a${character}b`
    const key = nameKey(name)
    const spellings = [key, name.toUpperCase(), name.toLowerCase()]
    if (spellings.some((spelling) => nameKey(spelling) !== key)) unstable.push(point.toString(16))
  }
  t.same(unstable, [])
})

/** In ASCII, for the titles of assertions. */
function inspect(text: string): string {
  return Array.from(text, (character) => character.codePointAt(0)?.toString(16)).join(' ')
}
