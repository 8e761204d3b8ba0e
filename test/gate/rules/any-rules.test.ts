import * as fc from 'fast-check'
import t from 'tap'
import { pathPattern } from '../../../src/gate/rules/path-pattern.ts'
import { pathReadings } from '../../../src/gate/rules/path-readings.ts'
import { type GateVisitor, outcomes, type Rule } from '../../../src/gate/rules/rule.ts'
import { RuleBook } from '../../../src/gate/rules/rule-book.ts'

const groups = ['family', 'friends']
const hosts = ['b.example.org', 'x.b.example.org']
const segment = fc.constantFrom('admin', 'admin', 'public', 'a.css')
const path = fc.array(segment, { maxLength: 3 }).map((segments) => `/${segments.join('/')}`)
const part = fc.oneof(
  { weight: 3, arbitrary: segment },
  { weight: 1, arbitrary: fc.constantFrom('*', '**', '*.css', 'p*c') }
)
const pattern = fc.array(part, { minLength: 1, maxLength: 2 }).map((parts) => `/${parts.join('/')}`)

/** A rule before it is made into one, for the model too. */
interface Wish {
  readonly host: string
  readonly path: string | undefined
  readonly method: string | undefined
  readonly who: string
  readonly factors: 1 | 2
  readonly answer: 'allow' | 'deny'
}

const maybe = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined })
const wish: fc.Arbitrary<Wish> = fc.record({
  host: fc.constantFrom(...hosts, '*', '*.example.org', '*.b.example.org', '*'),
  path: maybe(pattern),
  method: maybe(fc.constantFrom('GET', 'POST')),
  who: fc.constantFrom('anybody', 'signed-in', 'admin', ...groups),
  factors: fc.constantFrom(1, 2),
  answer: fc.constantFrom('allow', 'allow', 'deny')
})

/** What no other rule is about is often open: then those others have to hold. */
const last = fc.constantFrom<Wish[]>(
  [],
  [{ host: '*', path: undefined, method: undefined, who: 'anybody', factors: 1, answer: 'allow' }]
)
const wishes = fc.tuple(fc.array(wish, { maxLength: 5 }), last).map((parts) => parts.flat())

function ruleOf(wish: Wish, index: number): Rule {
  const { answer: then } = wish
  const isWord = wish.who === 'anybody' || wish.who === 'signed-in'
  const people = { users: new Set<string>(), groups: new Set([wish.who]), admin: wish.who === 'admin' }
  return {
    line: index + 1,
    hosts: [wish.host],
    paths: wish.path === undefined ? undefined : [pathPattern(wish.path)],
    methods: wish.method === undefined ? undefined : new Set([wish.method]),
    networks: undefined,
    isFrom: undefined,
    who: isWord ? (wish.who as 'anybody' | 'signed-in') : people,
    whoText: wish.who,
    factors: wish.factors,
    within: undefined,
    then
  }
}

interface Person {
  readonly groups: readonly string[]
  readonly isAdmin: boolean
  readonly factors: 1 | 2
}

const person: fc.Arbitrary<Person | undefined> = maybe(
  fc.record({ groups: fc.subarray(groups), isAdmin: fc.boolean(), factors: fc.constantFrom(1, 2) })
)

function visitorOf(person: Person | undefined): GateVisitor | undefined {
  if (!person) return undefined
  const proves: GateVisitor['proves'] = ({ factors }) => factors === 1 || person.factors === 2
  return { name: 'alice', role: person.isAdmin ? 'admin' : 'user', groupKeys: new Set(person.groups), proves }
}

/** What the rules say of one reading of a path, as simply as it can be said. */
function modelled(
  rules: readonly Wish[],
  host: string,
  path: string,
  method: string,
  by: Person | undefined
) {
  for (const { who, factors, answer, ...rule } of rules) {
    const isHost =
      rule.host === '*' ||
      rule.host === host ||
      (rule.host.startsWith('*.') && host.endsWith(rule.host.slice(1)))
    const isPath = rule.path === undefined || regexOf(rule.path).test(path.replace(/\/$/, ''))
    if (!isHost || !isPath || (rule.method ?? method) !== method) continue
    const isAbout =
      who === 'anybody' ||
      (by && (who === 'signed-in' || (who === 'admin' ? by.isAdmin : by.groups.includes(who))))
    if (answer === 'deny' && !isAbout) continue
    if (answer === 'deny') return 'deny'
    if (who === 'anybody') return 'allow'
    if (!by) return 'sign-in'
    if (!isAbout) return 'deny'
    return factors <= by.factors ? 'allow' : 'prove'
  }
  return 'deny'
}

function regexOf(pattern: string): RegExp {
  const parts = pattern
    .slice(1)
    .split('/')
    .map((part) => {
      if (part === '**') return '(?:/[^/]*)*'
      return `/${part.replace('.', '\\.').replace('*', '[^/]*')}`
    })
  return new RegExp(`^${parts.join('')}(?:/|$)`)
}

const strictness = (outcome: string) => (outcomes as readonly string[]).indexOf(outcome)
const ask = (book: RuleBook, host: string, target: string, method: string, by: Person | undefined) =>
  book.decide({ host, target, method, client: { ip: '192.0.2.1' } }, visitorOf(by)).outcome

/** A slash after a name: a dot added to nothing, or to a dot, would make another path of it. */
const afterName = /(?<=[a-z\d])(?<!%(?:25)?(?:2[ef]|5c))\//gi

/** Ways to write a path that some app reads as this one. Each changes a letter, or what is at a slash. */
const steps: readonly ((path: string, at: number) => string)[] = [
  (path, at) => changed(path, /[a-z]/g, at, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path, at) => changed(path, /[a-z]/g, at, (letter) => letter.toUpperCase()),
  (path, at) => changed(path, /%/g, at, () => '%25'),
  ...['//', '/./', '/public/../', '/%2e/', '/x/..;v=1/', '/x/%2e%2e/'].map(
    (written) => (path: string, at: number) => changed(path, /\//g, at, () => written)
  ),
  ...[';v=1/', '\\', '%2f', '%5c', '%20/'].map(
    (written) => (path: string, at: number) => changed(path, /(?<!^)\//g, at, () => written)
  ),
  (path, at) => changed(path, afterName, at, () => './'),
  ...['//x', '/\\x', '/%2fx'].map((host) => (path: string) => host + path),
  ...['%20', '::$DATA', ';x', '?a=/public', '%3fx', '/'].map((end) => (path: string) => path + end)
]

/** Changes one of the places. */
function changed(path: string, places: RegExp, at: number, change: (found: string) => string): string {
  const found = [...path.matchAll(places)]
  const place = found[at % Math.max(1, found.length)]
  return place
    ? path.slice(0, place.index) + change(place[0]) + path.slice(place.index + place[0].length)
    : path
}

const spelling = fc.array(fc.tuple(fc.nat(steps.length - 1), fc.nat(20)), { minLength: 1, maxLength: 3 })

t.test('the first rule that matches decides, by the strictest reading', async (t) => {
  const cases = fc.tuple(
    wishes,
    fc.constantFrom(...hosts, 'c.example.net'),
    path,
    fc.constantFrom('GET', 'POST', 'PUT'),
    person,
    spelling
  )
  const property = fc.property(cases, ([wishes, host, plain, method, by, spelled]) => {
    const book = new RuleBook(wishes.map(ruleOf))
    const said = ask(book, host, plain, method, by)
    if (said !== modelled(wishes, host, plain, method, by)) throw new Error(`plain: ${said}`)

    const written = spelled.reduce((text, [step, at]) => steps[step]?.(text, at) ?? text, plain)
    const got = ask(book, host, written, method, by)
    if (strictness(got) < strictness(said)) throw new Error(`${written} gets ${got}, ${plain} gets ${said}`)
    const readings = pathReadings(written)
    const all = readings && [...readings.exact, ...readings.folded]
    const strictest = all
      ?.map((reading) => modelled(wishes, host, reading, method, by))
      .reduce((one, other) => (strictness(other) > strictness(one) ? other : one))
    const hasPaths = wishes.some((wish) => wish.path !== undefined)
    if (hasPaths && all && strictness(got) < strictness(strictest ?? ''))
      throw new Error(`${written} gets ${got}, a reading ${strictest}`)
  })
  fc.assert(property, { numRuns: 2000 })
  t.pass()
})
