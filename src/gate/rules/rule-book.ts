import { nameKey } from '../../identity/names.ts'
import { LruCache } from '../../primitives/lru-cache.ts'
import { memoize } from '../../primitives/memoize.ts'
import { isAt, type PathPattern } from './path-pattern.ts'
import { pathReadings, plainPath } from './path-readings.ts'
import { type Decision, type GateVisitor, type Rule, stricter, type Who } from './rule.ts'

/** Who asks. To find the address behind proxies takes longer than a decision, so it is read where a rule has networks. */
export interface Client {
  readonly ip: string
}

/** A request to an app, as the proxy tells it. */
export interface AskedFor {
  /** In lower case, without a port and without a dot at its end. */
  readonly host: string
  /** The path as the client sent it, perhaps with a query. */
  readonly target: string
  /** In any case. */
  readonly method: string
  readonly client: Client
}

/** A decision, and what it is about. */
type AboutOne = Decision & { readonly asked?: AskedFor }

/** What the rules of one host need. */
interface HostRules {
  readonly rules: readonly Rule[]
  /** Whether a rule has a path: otherwise it does not matter how it is read. */
  readonly havePaths: boolean
  /** Whether a path of a rule has capitals. */
  readonly haveCapitals: boolean
}

const maxHosts = 2000
const keyOfName = memoize(2000, nameKey)

/** The rules of GATE_RULES, in their order. */
export class RuleBook {
  readonly rules: readonly Rule[]
  /** By host; anybody can ask for any name below a wildcard. */
  readonly #ofHosts = new LruCache<string, HostRules>(maxHosts)

  constructor(rules: readonly Rule[]) {
    this.rules = rules
  }

  /**
   * Decides by the first rule that matches; without one the answer is no. A rule matches by host, path, method and
   * network. Where it allows, it has the last word: whoever it is not about is refused. Where it denies, it is about
   * those whom it names, and others are left to the next rule. If a path can be read in several ways, the
   * strictest decision counts.
   * @param visitor undefined: nobody is signed in
   */
  decide(asked: AskedFor, visitor: GateVisitor | undefined): Decision {
    const { rules, havePaths, haveCapitals } = this.#rulesOf(asked.host)
    if (!havePaths) return firstOf(rules, asked, visitor, { path: asked.target, isFolded: false })
    const plain = haveCapitals ? undefined : plainPath(asked.target)
    if (plain !== undefined) return firstOf(rules, asked, visitor, { path: plain, isFolded: true })
    const readings = pathReadings(asked.target)
    if (!readings) return unreadable(asked.target)
    const { exact, folded } = readings
    const decisions = exact.map((path) => firstOf(rules, asked, visitor, { path, isFolded: false }))
    if (folded !== exact || haveCapitals)
      for (const path of folded) decisions.push(firstOf(rules, asked, visitor, { path, isFolded: true }))
    return decisions.reduce(stricter)
  }

  /**
   * The strictest decision of several, and what it is about.
   * @param asked one or more
   */
  decideAll(asked: readonly AskedFor[], visitor: GateVisitor | undefined): AboutOne {
    let strictest: AboutOne = { outcome: 'allow', rule: undefined, path: '' }
    for (const each of asked) {
      const decision = this.decide(each, visitor)
      if (strictest.asked === undefined || stricter(strictest, decision) === decision)
        strictest = { ...decision, asked: each }
    }
    return strictest
  }

  #rulesOf(host: string): HostRules {
    const known = this.#ofHosts.get(host)
    if (known) return known
    const rules = this.rules.filter(({ hosts }) => hosts.some((entry) => coversHost(entry, host)))
    const paths = rules.flatMap(({ paths = [] }) => paths)
    const haveCapitals = paths.some(({ isFolded }) => !isFolded)
    const found = { rules, havePaths: paths.length > 0, haveCapitals }
    this.#ofHosts.set(host, found)
    return found
  }
}

/** Whether a rule's host is this one, or one of those below it. */
export function coversHost(entry: string, host: string): boolean {
  return entry === host || entry === '*' || (entry.startsWith('*.') && host.endsWith(entry.slice(1)))
}

export function unreadable(path: string): Decision {
  return { outcome: 'deny', rule: undefined, path, fault: 'the path cannot be read' }
}

interface Reading {
  readonly path: string
  readonly isFolded: boolean
}

function firstOf(
  rules: readonly Rule[],
  { method, client }: AskedFor,
  visitor: GateVisitor | undefined,
  { path, isFolded }: Reading
): Decision {
  for (const rule of rules) {
    const { paths, methods, isFrom, who, then } = rule
    if (methods && !methods.has(method.toUpperCase())) continue
    if (isFrom && !isFrom(client.ip)) continue
    if (paths && !isAtAny(paths, path, isFolded)) continue
    if (then === 'allow') return { outcome: outcomeFor(rule, visitor), rule, path }
    if (who === 'anybody' || (visitor && isAbout(who, visitor))) return { outcome: 'deny', rule, path }
  }
  return { outcome: 'deny', rule: undefined, path }
}

function isAtAny(paths: readonly PathPattern[], path: string, isFolded: boolean): boolean {
  for (const pattern of paths) if (isAt(pattern, path, isFolded)) return true
  return false
}

function outcomeFor({ who, factors, within }: Rule, visitor: GateVisitor | undefined): Decision['outcome'] {
  if (who === 'anybody') return 'allow'
  if (!visitor) return 'sign-in'
  if (!isAbout(who, visitor)) return 'deny'
  return visitor.proves({ factors, within }) ? 'allow' : 'prove'
}

function isAbout(who: Who, { name, role, groupKeys }: GateVisitor): boolean {
  if (typeof who === 'string') return true
  if (who.admin && role === 'admin') return true
  if (who.users.size > 0 && who.users.has(keyOfName(name))) return true
  if (groupKeys.size === 0) return false
  for (const group of who.groups) if (groupKeys.has(group)) return true
  return false
}
