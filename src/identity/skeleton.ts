import { confusables } from './confusables.ts'
import { isRightToLeft } from './precis.ts'

/**
 * The skeleton of a text: two texts with the same one look alike (UTS #39 §4). It also leaves out marks that are not
 * seen, and the order of words of both directions. For comparison only, never to be shown.
 * @param text of limited length: decomposing takes time quadratic in the number of accents
 */
export function skeletonOf(text: string): string {
  const visible = asSeen(text).normalize('NFD').replace(invisible, '').replace(strayMark, '')
  return Array.from(visible, (character) => prototypes().get(character) ?? character)
    .join('')
    .normalize('NFD')
    .replace(repeatedMark, '$1')
    .replace(dotOnDotted, '')
}

/** A mark of another script on a Latin, Greek or Cyrillic letter or a digit: many fonts show nothing. */
const european = '\\p{scx=Latin}\\p{scx=Greek}\\p{scx=Cyrillic}'
const strayMark = new RegExp(
  `(?<=[${european}\\p{Nd}!-~]\\p{Mn}*)(?![${european}\\p{scx=Inherited}])\\p{Mn}`,
  'gu'
)
/** Drawn over itself (UTS #39 §5.4). */
const repeatedMark = /(\p{Mn})\1+/gu
/** A letter that has a dot loses it under another, also if there is a mark below: both look like one dot. */
const dotOnDotted = /(?<=[ij][\u0316-\u0333]*)\u0307/gu

/** Where a word stands among words of the other direction depends on where the text is shown. */
function asSeen(text: string): string {
  const words = text.split(' ')
  return new Set(words.map(isRightToLeft)).size > 1 ? words.sort().join(' ') : text
}

const invisible = /\p{Default_Ignorable_Code_Point}/gu

let known: ReadonlyMap<string, string> | undefined

/** Read when the first account is made, which most processes never do. */
function prototypes(): ReadonlyMap<string, string> {
  known ??= new Map(confusables.split(';').flatMap(readGroup))
  return known
}

function readGroup(group: string): [character: string, prototype: string][] {
  const [prototype = '', ...characters] = group.split(' ')
  const text = String.fromCodePoint(...prototype.split('+').map(point))
  return characters.map((character) => [String.fromCodePoint(point(character)), text])
}

function point(text: string): number {
  return Number.parseInt(text, 36)
}
