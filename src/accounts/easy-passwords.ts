/** What whoever guesses passwords tries first, all in the form `folded` gives. */
export interface EasyWords {
  /** Passwords many people have. */
  readonly common: ReadonlySet<string>
  /** Of this site and of the person. */
  readonly context: ReadonlySet<string>
}

/** What an easy part of a password is: a common one, a word of the context, a row of characters, a few over and over. */
export type EasyKind = 'common' | 'context' | 'row' | 'repeated'

interface Made {
  readonly points: number
  readonly parts: ReadonlyMap<string, EasyKind>
}

/** Two easy parts and one more character are too easy; three words in a row are not. */
const leastPoints = 6
const pointsOfEasyPart = 2
const longestPart = 32

/** What passwords are compared by here: compatibility forms and case make no difference to who guesses. */
export function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/**
 * Says what makes a whole password easy to guess: it is a common one or a word of the context, or two such
 * things put together, or one of them repeated or padded until it is long enough (NIST SP 800-63B-4 §3.1.1.2,
 * ASVS 6.2.4, 6.2.11). A phrase of three words is none of it, however common they are.
 * @returns nothing when it is not easy
 */
export function easyKinds(password: string, words: EasyWords): readonly EasyKind[] {
  const characters = [...folded(password)]
  const unit = repeatedUnit(characters)
  const { points, parts } = cheapestWay(unit, words)
  if (points >= leastPoints) return []
  const kinds = new Set(parts.values())
  return kinds.size === 0 || unit.length < 4 ? ['repeated'] : [...kinds]
}

/** The shortest beginning that, written again and again, makes the whole, without spaces around it; else the whole. */
function repeatedUnit(characters: readonly string[]): readonly string[] {
  for (let length = 1; length <= characters.length / 2; length += 1) {
    if (characters.every((character, index) => character === characters[index % length]))
      return [...characters.slice(0, length).join('').trim()]
  }
  return characters
}

/** The fewest points the characters cost: one for each, two for a whole easy part, nothing for the same part again. */
function cheapestWay(characters: readonly string[], words: EasyWords): Made {
  const ways: Made[] = [{ points: 0, parts: new Map() }]
  for (let end = 1; end <= characters.length; end += 1) {
    const before = ways[end - 1]
    const candidates = [before && { points: before.points + 1, parts: before.parts }]
    for (let start = Math.max(0, end - longestPart); start <= end - 3; start += 1) {
      candidates.push(withPart(ways[start], characters.slice(start, end), words))
    }
    ways.push(candidates.filter((way) => way !== undefined).reduce(cheaper))
  }
  return ways.at(-1) ?? { points: 0, parts: new Map() }
}

function withPart(way: Made | undefined, characters: readonly string[], words: EasyWords): Made | undefined {
  const part = characters.join('')
  const kind = kindOf(part, characters, words)
  if (!way || !kind) return undefined
  if (way.parts.has(part)) return way
  return { points: way.points + pointsOfEasyPart, parts: new Map(way.parts).set(part, kind) }
}

function kindOf(part: string, characters: readonly string[], words: EasyWords): EasyKind | undefined {
  if (words.context.has(part)) return 'context'
  if (isRow(characters)) return 'row'
  return words.common.has(part) ? 'common' : undefined
}

/** The same character, or each the next one up or down: aaa, 123, fed. */
function isRow(characters: readonly string[]): boolean {
  const steps = characters.slice(1).map((character, index) => codeOf(character) - codeOf(characters[index]))
  const [step = 0] = steps
  return Math.abs(step) <= 1 && steps.every((other) => other === step)
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0
}

function cheaper(one: Made, other: Made): Made {
  return other.points < one.points ? other : one
}
