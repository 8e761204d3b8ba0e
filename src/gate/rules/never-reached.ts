import { matchesPath, type PathPattern } from './path-pattern.ts'
import type { Rule } from './rule.ts'
import { coversHost } from './rule-book.ts'

export interface Unreached {
  readonly rule: Rule
  /** The earlier rule that decides everything that this one is about. */
  readonly by: Rule
  /** What to do, to go on the sentence with. */
  readonly advice: string
}

/** Rules without effect: whoever wrote them expects something else of the file. */
export function neverReached(rules: readonly Rule[]): Unreached[] {
  const deciding: Rule[] = []
  const found: Unreached[] = []
  for (const rule of rules) {
    const by = deciding.find((earlier) => isBefore(earlier, rule))
    if (by) found.push({ rule, by, advice: adviceFor(rule, by) })
    else if (rule.then === 'allow' || rule.who === 'anybody') deciding.push(rule)
  }
  return found
}

function isBefore(earlier: Rule, rule: Rule): boolean {
  if (!rule.hosts.every((host) => earlier.hosts.some((entry) => coversHost(entry, host)))) return false
  if (earlier.networks && earlier.networks.join() !== rule.networks?.join()) return false
  const { methods, paths } = earlier
  if (methods && !(rule.methods && [...rule.methods].every((method) => methods.has(method)))) return false
  if (!paths) return true
  return rule.paths?.every((path) => paths.some((pattern) => isBeneath(pattern, path))) ?? false
}

/** Of patterns without `*` alone: others are left to whoever wrote them. */
function isBeneath(pattern: PathPattern, path: PathPattern): boolean {
  return !pattern.text.includes('*') && matchesPath(pattern.segments, path.segments)
}

function adviceFor(rule: Rule, by: Rule): string {
  const isSame = rule.hosts.join() === by.hosts.join() && rule.paths?.length === by.paths?.length
  if (isSame && rule.then === 'allow' && by.then === 'allow')
    return `: write one rule with who: [${by.whoText}, ${rule.whoText}]`
  return ': put this one before it'
}
