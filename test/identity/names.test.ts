import fc from 'fast-check'
import t from 'tap'
import { message } from '../../src/i18n/texts.ts'
import { checkName, nameKey } from '../../src/identity/names.ts'

t.test('a name is stored as written, in its composed form', async (t) => {
  const names = ['alice', 'Alice Liddell', 'alice@example.org', 'Zoë', '山田太郎', 'x', "O'Brien-Smith_2"]
  const more = [
    'Σίσυφος',
    'Нина',
    'עליסה',
    'アリス・リデル',
    'علی\u200cرضا',
    'क्\u200dष',
    'paral·lel',
    'Straße'
  ]
  for (const name of [...names, ...more]) t.match(checkName(name), { ok: true, name }, inspect(name))
  t.match(checkName('Zoe\u0308'), { ok: true, name: 'Zoë' })
  t.match(checkName('ａｌｉｃｅ'), { ok: true, name: 'alice' })
  t.match(checkName('ｱﾘｽ'), { ok: true, name: 'アリス' })
  t.match(checkName('Ada   King  Lovelace'), {
    ok: true,
    name: 'Ada King Lovelace',
    key: 'ada king lovelace'
  })
  t.equal(nameKey('ada \u3000 king'), 'ada king', 'as it may be typed at sign-in')
})

t.test('a name has 1 to 64 characters, counted as people count them', async (t) => {
  t.same(checkName(''), { ok: false, reason: message('names.missing') })
  t.match(checkName('𠮷'.repeat(64)), { ok: true })
  t.same(checkName('𠮷'.repeat(65)), {
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

t.test('a name is of letters, digits and ASCII', async (t) => {
  const refused = {
    'U+FFF9': '\ufff9',
    '\u2800 (U+2800)': '\u2800',
    '\u{1d159} (U+1D159)': '\u{1d159}',
    'U+13430': '\u{13430}',
    'U+0378': '\u0378',
    'U+E000': '\ue000',
    'U+200D': '\u200d',
    'U+034F': '\u034f',
    'U+00A0': '\u00a0',
    '🦊 (U+1F98A)': '🦊',
    '’ (U+2019)': '’',
    'ﬁ (U+FB01)': 'ﬁ',
    'Ⅳ (U+2163)': 'Ⅳ',
    '\u1100 (U+1100)': '\u1100',
    '· (U+00B7)': '·',
    '・ (U+30FB)': '・'
  }
  for (const [character, text] of Object.entries(refused)) {
    const check = checkName(`al${text}ice`)
    t.same(check, { ok: false, reason: message('names.character', { character }) }, inspect(text))
  }
  const formats = charactersOf(/\p{Cf}/u).filter((character) => checkName(`al${character}ice`).ok)
  t.same(formats.map(inspect), [])
})

t.test('a word is written in one direction', async (t) => {
  const reason = message('names.directions')
  for (const name of ['עליסהalice', 'aliceעל', 'עליסה 1עליסה', '١alice'])
    t.same(checkName(name), { ok: false, reason }, inspect(name))
  t.match(checkName('עליסה alice'), { ok: true })
  t.match(checkName('עליסה7'), { ok: true })
})

t.test('what is allowed stays as it is when it is checked again', async (t) => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const check = checkName(words.join(' '))
      if (check.ok) t.same(checkName(check.name), check)
    }),
    { numRuns: 100 }
  )
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

const word = fc.string({
  unit: fc.constantFrom(...'aZ7@·ｱﾞé\u0301ªאب٣۳ς\u200cक्ㅎ가\u1100'),
  minLength: 1,
  maxLength: 5
})

function charactersOf(kind: RegExp): string[] {
  const points = Array.from({ length: 0x110000 }, (_, point) => String.fromCodePoint(point))
  return points.filter((character) => kind.test(character))
}

/** In ASCII, for the titles of assertions. */
function inspect(text: string): string {
  return Array.from(text, (character) => character.codePointAt(0)?.toString(16)).join(' ')
}
