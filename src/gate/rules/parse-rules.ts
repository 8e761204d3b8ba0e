import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'
import { neverReached } from './never-reached.ts'
import { readRules } from './read-rules.ts'
import type { Rule } from './rule.ts'

/** What is wrong in the file, and where: line and column from 1. */
export interface RuleFault {
  readonly line: number
  readonly column: number
  /** Begins in the middle of a sentence, after `line 3, column 5: `. */
  readonly what: string
}

export interface ParsedRules {
  /** Complete if there are no faults. */
  readonly rules: readonly Rule[]
  /** In the order of the file. */
  readonly faults: readonly RuleFault[]
}

/** It takes as long to load as many a plugin, so only who has rules loads it. */
const loadYaml = () => createRequire(import.meta.url)('yaml') as typeof Yaml

/**
 * Reads rules in YAML: a list of maps such as `{ host: app.example.org, path: /admin, who: family }`. In the list
 * `app.example.org: family` is short for such a map with `host` and `who`; a map of short forms is a list too.
 */
export function parseRules(text: string): ParsedRules {
  const yaml = loadYaml()
  const lines = new yaml.LineCounter()
  const document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const faults: RuleFault[] = []
  const faultAt = (offset: number, what: string) => {
    const { line, col: column } = lines.linePos(offset)
    faults.push({ line, column, what })
  }
  // YAML takes them for aliases, and its message would help nobody.
  for (const { index, 0: all, 1: word = '' } of text.matchAll(/^[\s-]*(\*[^\s:'"]*)\s*:/gm))
    faultAt(index + all.indexOf('*'), `${word} begins with *, so it has to be in quotes: '${word}'`)
  if (faults.length > 0) return { rules: [], faults }
  for (const { pos, message } of document.errors) faultAt(pos[0], `this is no valid YAML (${message})`)
  if (faults.length > 0) return { rules: [], faults: inOrder(faults) }
  const lineOf = (offset: number) => lines.linePos(offset).line
  const rules = readRules(document, { yaml, lineOf, faultAt })
  if (faults.length === 0)
    for (const { rule, by, advice } of neverReached(rules))
      faults.push({
        line: rule.line,
        column: 1,
        what: `no request gets to this rule, because the rule in line ${by.line} decides before${advice}`
      })
  return { rules, faults: inOrder(faults) }
}

function inOrder(faults: readonly RuleFault[]): readonly RuleFault[] {
  return faults.toSorted((one, other) => one.line - other.line || one.column - other.column)
}
