import { closestMatch } from 'leven'
import type * as Yaml from 'yaml'
import type { Rule, Who } from './rule.ts'
import * as fields from './rule-fields.ts'
import { type NamedPerson, whoOf } from './who.ts'

export interface RuleSource {
  readonly yaml: typeof Yaml
  /** The line of a place in the text. */
  readonly lineOf: (offset: number) => number
  /** Called for each fault, with its place in the text. */
  readonly faultAt: (offset: number, what: string) => void
}

/** A word of the file. */
interface Word {
  readonly text: string
  readonly node: unknown
}

const keys = ['host', 'path', 'method', 'from', 'who', 'factors', 'within', 'then']
const peopleKeys: ReadonlyMap<string | undefined, NamedPerson['kind']> = new Map([
  ['user', 'user'],
  ['users', 'user'],
  ['group', 'group'],
  ['groups', 'group']
])

/** Makes rules out of a document that is valid YAML. */
export function readRules(document: Yaml.Document, { yaml, lineOf, faultAt }: RuleSource): Rule[] {
  const { isAlias, isMap, isScalar, isSeq } = yaml
  const { contents } = document
  const rules = isMap(contents)
    ? contents.items.map(short)
    : isSeq(contents)
      ? contents.items.map(ruleIn)
      : []
  if (rules.length === 0)
    fault(contents, 'there is no list of rules: write one, such as - app.example.org: family')
  return rules.filter((rule) => rule !== undefined)

  function ruleIn(item: unknown): Rule | undefined {
    if (!isMap(item))
      return fault(item, 'this is no rule: it must begin with a host, such as host: app.example.org')
    const [pair] = item.items
    const isShort = pair && item.items.length === 1 && !keys.includes(wordIn(pair.key) ?? '')
    return isShort ? short(pair) : long(item)
  }

  function short(pair: Yaml.Pair): Rule | undefined {
    const { key } = pair
    if (keys.includes(wordIn(key) ?? '')) return fault(key, 'a rule begins with "- "')
    return made(
      key,
      new Map([
        ['host', key],
        ['who', whatIsAt(pair)]
      ])
    )
  }

  function long(item: Yaml.YAMLMap): Rule | undefined {
    const given = new Map(item.items.map((pair) => [wordIn(pair.key) ?? '', whatIsAt(pair)] as const))
    for (const { key } of item.items)
      if (!keys.includes(wordIn(key) ?? '')) fault(key, unknownKey(wordIn(key)))
    if (!given.has('host')) return fault(item, "host is missing: write host: '*' for a rule of every host")
    return made(item, given)
  }

  function made(at: unknown, given: ReadonlyMap<string, unknown>): Rule {
    const all = <Value>(key: string, parse: (text: string) => Value): Value[] | undefined =>
      given.has(key)
        ? wordsIn(key, given.get(key)).flatMap(({ text, node }) => tried(key, node, () => parse(text)))
        : undefined
    const one = <Value>(key: string, parse: (text: string) => Value): Value | undefined => {
      const values = all(key, parse)
      if (values && values.length > 1) fault(given.get(key), `${key} has several values and needs one`)
      return values?.[0]
    }
    const then = one('then', fields.parseThen) ?? 'allow'
    const networks = all('from', fields.parseNetwork)
    const { who, whoText } =
      whoIn(given.get('who')) ?? ({ who: then === 'deny' ? 'anybody' : 'signed-in', whoText: '' } as const)
    const rule: Rule = {
      line: lineOf(offsetOf(at)),
      hosts: all('host', fields.parseHost) ?? [],
      paths: all('path', fields.parsePath),
      methods: given.has('method') ? new Set(all('method', fields.parseMethod)?.flat()) : undefined,
      networks,
      isFrom: networks && fields.isFromNetworks(networks),
      who,
      whoText: whoText || String(who),
      factors: one('factors', fields.parseFactors) ?? 1,
      within: one('within', fields.parseWithin),
      then
    }
    for (const key of ['factors', 'within'])
      if (given.has(key) && (then === 'deny' || who === 'anybody'))
        fault(
          given.get(key),
          `${key} is of no use here: it needs a rule that allows people who are signed in`
        )
    return rule
  }

  function whoIn(node: unknown): { who: Who; whoText: string } | undefined {
    if (node === undefined) return undefined
    const people = peopleIn(node)
    if (people.length === 0) return undefined
    return tried('who', node, () => whoOf(people))[0]
  }

  function peopleIn(node: unknown, kind: NamedPerson['kind'] = 'word'): NamedPerson[] {
    if ((isSeq(node) || isMap(node)) && node.items.length === 0) fault(node, 'who is empty')
    if (isSeq(node)) return node.items.flatMap((item) => peopleIn(item, kind))
    if (!isMap(node)) return wordsIn('who', node).map(({ text }) => ({ kind, text }))
    return node.items.flatMap((pair) => {
      const { key } = pair
      const inner = peopleKeys.get(wordIn(key))
      if (inner) return peopleIn(whatIsAt(pair), inner)
      fault(key, `who has "${wordIn(key)}", it can have users and groups`)
      return []
    })
  }

  function wordsIn(key: string, node: unknown): Word[] {
    const items = isSeq(node) ? node.items : [node]
    if (items.length === 0) fault(node, `${key} is empty`)
    return items.flatMap((item) => {
      const text = wordIn(item)
      if (text) return [{ text, node: item }]
      fault(item, `${key} ${text === '' ? 'is empty' : 'must be a word or a list of words'}`)
      return []
    })
  }

  /** Of a key alone, as in `{ host: app.example.org, who }`: nothing, at the place of the key. */
  function whatIsAt({ key, value }: Yaml.Pair): unknown {
    if (value) return value
    const nothing = new yaml.Scalar(null)
    nothing.range = isScalar(key) ? (key.range ?? null) : null
    return nothing
  }

  /** '' for nothing, undefined for what is no word. */
  function wordIn(node: unknown): string | undefined {
    // A host such as *.example.org, which YAML takes for an alias.
    if (isAlias(node))
      return node.resolve(document) === undefined ? `*${node.source}` : wordIn(node.resolve(document))
    if (!isScalar(node)) return undefined
    return typeof node.value === 'string' ? node.value.trim() : node.value === null ? '' : (node.source ?? '')
  }

  function tried<Value>(key: string, node: unknown, parse: () => Value): Value[] {
    try {
      return [parse()]
    } catch (error) {
      fault(node, `${key} ${error instanceof Error ? error.message : error}`)
      return []
    }
  }

  function fault(node: unknown, what: string): undefined {
    faultAt(offsetOf(node), what)
    return undefined
  }

  function offsetOf(node: unknown): number {
    return yaml.isNode(node) ? (node.range?.[0] ?? 0) : 0
  }
}

function unknownKey(key = ''): string {
  const meant = closestMatch(key, keys, { maxDistance: 2 })
  return `a rule has no "${key}"${meant ? `: did you mean ${meant}?` : `, it can have ${keys.join(', ')}`}`
}
