import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAllowed } from '../src/identity/precis.ts'

const table = join(import.meta.dirname, '../src/identity/confusables.ts')
/** Of a line in the source, so that an editor can show it. */
const width = 110

/**
 * Makes src/identity/confusables.ts out of Unicode's confusables.txt: `node test/confusables.ts confusables.txt`. Left
 * out are characters that no name can contain.
 */
function main(file: string): void {
  const text = readFileSync(file, 'utf8')
  const [, version] = /^# Version: (\S+)/m.exec(text) ?? []
  const [, copyright] = /^# (©.*)/m.exec(text) ?? []
  const inNames = charactersOfNames()
  const entries = [...text.matchAll(/^([\dA-F]+) ;\t([\dA-F ]+) ;/gm)].map(([, from = '', to = '']) => ({
    from: Number.parseInt(from, 16),
    to: to.split(' ').map((point) => Number.parseInt(point, 16))
  }))
  const groups = Map.groupBy(
    entries.filter(({ from }) => inNames.has(from)),
    ({ to }) => to.map(short).join('+')
  )
  const written = [...groups].map(([to, all]) => `${to} ${all.map(({ from }) => short(from)).join(' ')}`)
  const lines = written.join(';').match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  writeFileSync(
    table,
    `// Made by test/confusables.ts. ${copyright} SPDX-License-Identifier: Unicode-3.0

/** The version of Unicode's confusables.txt. */
export const confusablesVersion = '${version}'

/**
 * What looks alike: a prototype (several characters are joined by +) and the characters that look like it, as numbers
 * in base 36; groups are separated by semicolons.
 */
export const confusables = \`\\
${lines.join('\\\n')}\\
\`
`
  )
}

const short = (point: number) => point.toString(36)

/** The decomposed characters of all names. */
function charactersOfNames(): ReadonlySet<number> {
  const found = new Set<number>()
  for (let point = 0; point <= 0x10ffff; point++) {
    const character = String.fromCodePoint(point)
    if (!isAllowed(character)) continue
    for (const part of character.normalize('NFD')) found.add(part.codePointAt(0) ?? 0)
  }
  return found
}

const [file] = process.argv.slice(2)
if (file === undefined)
  throw new Error('Name the file: https://www.unicode.org/Public/security/latest/confusables.txt')
main(file)
