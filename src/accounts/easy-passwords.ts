/** What an attacker tries first, all as `foldCase` returns it. */
export interface EasyWords {
  /** Common passwords. */
  readonly common: ReadonlySet<string>
  /** Words of the site and the user. */
  readonly context: ReadonlySet<string>
}

/**
 * Why a part of a password is easy: a common password, a context word, a sequence of characters, a
 * repetition.
 */
export type EasyKind = 'common' | 'context' | 'row' | 'repeated'

interface Made {
  readonly points: number
  readonly parts: ReadonlyMap<string, EasyKind>
}

/** Two easy parts and one more character are too easy; three words in a row are not. */
const minPoints = 6
const pointsOfEasyPart = 2
const maxPartLength = 32
const minPartLength = 3
/** The longest password; some Unicode letters expand to eighteen others. */
const maxCharacters = 256

/** Normalizes a password for comparison: compatibility forms and case make no difference to an attacker. */
export function foldCase(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/**
 * Tells why a whole password is easy to guess: it is a common one or a context word, or two of these joined,
 * or one of them repeated or padded to the length (NIST SP 800-63B-4 §3.1.1.2, ASVS 6.2.4, 6.2.11). A phrase
 * of three words is not easy, however common they are.
 * @returns an empty list when the password is not easy
 */
export function easyKinds(password: string, words: EasyWords): readonly EasyKind[] {
  const characters = [...foldCase(password)].slice(0, maxCharacters)
  const unit = repeatedUnit(characters)
  const way = cheapestWay(unit, words)
  if (!way) return []
  const kinds = new Set(way.parts.values())
  return kinds.size === 0 || unit.length < 4 ? ['repeated'] : [...kinds]
}

/** The shortest prefix whose repetition makes the whole, without spaces around it; else the whole. */
function repeatedUnit(characters: readonly string[]): readonly string[] {
  for (let length = 1; length <= characters.length / 2; length += 1) {
    if (characters.every((character, index) => character === characters[index % length]))
      return [...characters.slice(0, length).join('').trim()]
  }
  return characters
}

/**
 * The lowest cost of the characters: one point for each, two for a whole easy part, none for a repeated part.
 * @returns undefined when the cost is high enough
 */
function cheapestWay(characters: readonly string[], words: EasyWords): Made | undefined {
  const ways: (Made | undefined)[] = [{ points: 0, parts: new Map() }]
  for (let end = 1; end <= characters.length; end += 1) {
    const before = ways[end - 1]
    let best = before && { points: before.points + 1, parts: before.parts }
    for (const part of easyParts(characters, end, words)) best = cheaper(best, ways[part.start], part)
    ways.push(best && best.points < minPoints ? best : undefined)
  }
  return ways.at(-1)
}

interface EasyPart {
  readonly start: number
  readonly text: string
  readonly kind: EasyKind
}

/** Easy parts that end there, the longest first. Anybody can submit a password, so this must be fast. */
function easyParts(characters: readonly string[], end: number, words: EasyWords): EasyPart[] {
  const parts: EasyPart[] = []
  let text = ''
  let isRow = true
  for (let start = end - 1; start >= Math.max(0, end - maxPartLength); start -= 1) {
    text = characters[start] + text
    isRow &&= end - start < 2 || goesOn(characters, start, end)
    const kind = end - start < minPartLength ? undefined : kindOf(text, isRow, words)
    if (kind) parts.push({ start, text, kind })
  }
  return parts.reverse()
}

function kindOf(part: string, isRow: boolean, words: EasyWords): EasyKind | undefined {
  if (words.context.has(part)) return 'context'
  if (isRow) return 'row'
  return words.common.has(part) ? 'common' : undefined
}

/** Whether the characters repeat, or each is the next one up or down: aaa, 123, fed. */
function goesOn(characters: readonly string[], start: number, end: number): boolean {
  const step = codeOf(characters[start + 1]) - codeOf(characters[start])
  return Math.abs(step) <= 1 && step === codeOf(characters[end - 1]) - codeOf(characters[end - 2])
}

/** The first of two with the same cost wins. */
function cheaper(best: Made | undefined, before: Made | undefined, { text, kind }: EasyPart) {
  if (!before) return best
  const isAgain = before.parts.has(text)
  const points = before.points + (isAgain ? 0 : pointsOfEasyPart)
  if (best && best.points <= points) return best
  return { points, parts: isAgain ? before.parts : new Map(before.parts).set(text, kind) }
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0
}
