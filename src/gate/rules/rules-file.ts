import { statSync } from 'node:fs'
import { readTextFile } from '../../primitives/text-file.ts'
import { parseRules } from './parse-rules.ts'
import { coversHost, RuleBook } from './rule-book.ts'

/** A file with rules, as it was when it was read. */
export interface RulesFile {
  readonly file: string
  readonly text: string
  readonly book: RuleBook
  /** A sentence for each, with line and column. With one, the rules must not be used. */
  readonly faults: readonly string[]
}

const maxBytes = 4 * 1024 * 1024

/**
 * Reads the file of GATE_RULES.
 * @param file '' means none
 * @throws {Error} when it cannot be read; the message completes a sentence starting with the name of the setting
 */
export function readRulesFile(file: string): RulesFile | undefined {
  if (file === '') return undefined
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found?.isFile()) throw new Error(`is "${file}", it must be a file with rules, such as ./gate.yaml`)
  if (found.size > maxBytes) throw new Error(`is "${file}", which is larger than 4 MiB`)
  const text = readTextFile(file)
  const { rules, faults } = parseRules(text)
  const sentences = faults.map(({ line, column, what }) => `${file}, line ${line}, column ${column}: ${what}`)
  return { file, text, book: new RuleBook(rules), faults: sentences }
}

/**
 * Rules of hosts that are not in GATE_HOSTS: nobody could be led to sign-in and back. A sentence each.
 * @param gateHosts with a port, if it is not the default
 */
export function unknownHostFaults(
  { file, book }: Pick<RulesFile, 'file' | 'book'>,
  gateHosts: readonly string[]
): string[] {
  const known = gateHosts.map((host) => host.replace(/:\d+$/, ''))
  return book.rules.flatMap(({ hosts, line }) =>
    hosts
      .filter((host) => !known.some((entry) => coversHost(entry, host) || coversHost(host, entry)))
      .map(
        (host) => `${file}, line ${line}: ${host} is not in GATE_HOSTS, so nobody could sign in and come back`
      )
  )
}
