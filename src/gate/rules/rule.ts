import type { FactorCount } from '../../errors/proof-errors.ts'
import type { Demand } from '../../identity/account-proofs.ts'
import type { Role } from '../../identity/roles.ts'
import type { PathPattern } from './path-pattern.ts'

/** Accounts with one of these names, in one of these groups, or administrators. */
export interface People {
  /** Keys of names: see nameKey. */
  readonly users: ReadonlySet<string>
  /** Keys of names of groups. */
  readonly groups: ReadonlySet<string>
  readonly admin: boolean
}

/** Whom a rule is about: also visitors who are not signed in, everybody who is, or some of them. */
export type Who = 'anybody' | 'signed-in' | People

/** One rule of GATE_RULES. What is undefined makes no difference. */
export interface Rule {
  /** The line of the file where it begins, from 1. */
  readonly line: number
  /** Lower-case names without a port; `*.example.org` for all names below it; `*` for all. */
  readonly hosts: readonly string[]
  readonly paths: readonly PathPattern[] | undefined
  /** In capitals; GET includes HEAD. */
  readonly methods: ReadonlySet<string> | undefined
  /** As they were written. */
  readonly networks: readonly string[] | undefined
  /** Whether an address is in one of the networks. */
  readonly isFrom: ((address: string) => boolean) | undefined
  readonly who: Who
  /** How whom it is about was written. */
  readonly whoText: string
  readonly factors: FactorCount
  /** How long ago they may have been proved, such as `10m`. */
  readonly within: string | undefined
  readonly then: 'allow' | 'deny'
}

/** Who asks at the gate, by the account's present facts. */
export interface GateVisitor {
  readonly name: string
  readonly role: Role
  /** The groups of the account, as `nameKey` has them. */
  readonly groupKeys: ReadonlySet<string>
  /** Whether the session has proved what is asked. */
  readonly proves: (demand: Demand) => boolean
}

/** From the mildest to the strictest. */
export const outcomes = ['allow', 'prove', 'sign-in', 'deny'] as const

/** Allowed; allowed after another or a later proof; after signing in; not at all. */
export type Outcome = (typeof outcomes)[number]

export interface Decision {
  readonly outcome: Outcome
  /** The rule that decides; undefined if none matches, or nothing could be decided. */
  readonly rule: Rule | undefined
  /** How the path was read by which the rule matches. */
  readonly path: string
  /** Why nothing could be decided: the request is refused. */
  readonly fault?: string
}

/** The stricter of two; the first of two alike. */
export function stricter(one: Decision, other: Decision): Decision {
  return outcomes.indexOf(other.outcome) > outcomes.indexOf(one.outcome) ? other : one
}
