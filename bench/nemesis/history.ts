/** What a client can ask for. */
export type What =
  | 'register'
  | 'sign-in'
  /** An Express app signs somebody in by the name alone. */
  | 'enter'
  | 'look'
  /** Opens a connection that is answered when the session has ended. */
  | 'hold'
  | 'confirm'
  | 'regenerate'
  | 'save'
  | 'change-password'
  | 'sign-out'
  | 'end-one'
  | 'end-others'
  | 'end-all'
  /** An administrator ends all sessions of somebody. */
  | 'end-person'
  | 'remove'

/** A request and its answer. Times are milliseconds of one monotonic clock, that of the nemesis. */
export interface Call {
  readonly what: What
  /** The process that was asked. */
  readonly process: string
  /** Whose account it is about. */
  readonly person: string
  /** The cookie that was sent. */
  readonly cookie?: string | undefined
  /** For the sign-in, the registration and the confirmation; for a change the old one. */
  readonly password?: string | undefined
  readonly newPassword?: string | undefined
  /** A cookie of the session to end. */
  readonly target?: string | undefined
  readonly begin: number
  /** When it was answered or failed. */
  readonly end: number
  /** 0: no answer. */
  readonly status: number
  /** Why there was no answer. */
  readonly failure?: string | undefined
  /** The code of a refusal. */
  readonly code?: string | undefined
  /** Who is signed in, as the answer says. */
  readonly id?: string | undefined
  readonly name?: string | undefined
  /** The session cookie that the answer set. */
  readonly given?: string | undefined
}

/**
 * AUTHORITY's kinds: a Redis that takes on an earlier state (RL), is away for all (RA) or for some (RP); the same of
 * the accounts database (DA, DP); a process that stops or dies (PC); a clock that steps (CK). S: slow links, to
 * either store.
 */
export type FaultKind = 'RL' | 'RA' | 'RP' | 'DA' | 'DP' | 'PC' | 'CK' | 'S'

export interface Fault {
  readonly kind: FaultKind
  /** As in the schedule. */
  readonly name: string
  /** The process that it strikes; undefined: a store. */
  readonly process?: string | undefined
  readonly begin: number
  /** When it was over, and had time to be noticed. */
  readonly end: number
}

export interface History {
  readonly calls: readonly Call[]
  readonly faults: readonly Fault[]
  /** Processes that ended by themselves. */
  readonly crashes: readonly { readonly process: string; readonly at: number; readonly output: string }[]
}

/** Whether it succeeded. */
export function isDone({ status }: Call): boolean {
  return status >= 200 && status < 300
}

/** Whether it is certain that it was not done: without an answer, or after 5xx, it may have been. */
export function isRefused({ status }: Call): boolean {
  return status >= 400 && status < 500
}

/** Whether the answer says that the cookie signs somebody in. */
export function isLetIn(call: Call): boolean {
  const needsNobody = ['sign-out', 'sign-in', 'register', 'enter', 'hold'].includes(call.what)
  return call.cookie !== undefined && !needsNobody && isDone(call)
}

export function overlaps(fault: Fault, from: number, to: number): boolean {
  return fault.begin <= to && fault.end >= from
}
