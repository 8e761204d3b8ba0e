import { confusables } from './confusables.ts'

/**
 * The skeleton of a text: two texts with the same one look alike (UTS #39 §4). For comparison only, never to be shown.
 * @param text of limited length: decomposing takes time quadratic in the number of accents
 */
export function skeletonOf(text: string): string {
  const visible = text.normalize('NFD').replace(invisible, '')
  return Array.from(visible, (character) => prototypes().get(character) ?? character)
    .join('')
    .normalize('NFD')
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
