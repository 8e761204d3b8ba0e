import { createHash } from 'node:crypto'
import { type Kysely, sql } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'

/** What a session says of itself that decides whether it is over. */
export interface Claim {
  readonly key: string
  /** The account's id, or `name:` and a name; undefined: nobody is signed in. */
  readonly owner: string | undefined
  /** The name of the user, which is a label where there is an account. */
  readonly user?: string | undefined
  /** Missing in the record: 0, here and for the next two. */
  readonly epoch: number
  readonly gen: number
  readonly era: number
}

export interface Verdict {
  readonly isOver: boolean
  /** The present name of the account; undefined: there is none. */
  readonly label: string | undefined
}

/** Sessions of an owner below `epoch` are over, but the one under the key `keep`. */
export interface Floor {
  readonly epoch: number
  readonly keep?: string | undefined
}

export function isBelow({ key, epoch }: Pick<Claim, 'key' | 'epoch'>, floor: Floor | undefined): boolean {
  return floor !== undefined && epoch < floor.epoch && key !== floor.keep
}

/** A floor of an earlier era is none: the epochs have gone back since. */
export function judgeInRedis(claim: Claim, era: number, floor: readonly (string | null)[]): Verdict {
  const [epoch, floorEra, keep, , , label] = floor
  if (claim.era < era) return { isOver: true, label: undefined }
  if (Number(floorEra ?? 0) !== era) return { isOver: false, label: undefined }
  const isOver = isBelow(claim, { epoch: Number(epoch ?? 0), keep: keep ?? undefined })
  return { isOver, label: label ?? undefined }
}

/** Whether the owner is a name, and not the id of an account. */
export function isOfName(owner: string): boolean {
  return owner.startsWith('name:')
}

/** As the scripts have it. */
export function floorKeyOf(owner: string): string {
  return createHash('sha1').update(owner).digest('hex')
}

interface Fact {
  readonly kind: 'session' | 'account' | 'name' | 'era'
  readonly of: string
  readonly epoch: number | null
  readonly keep: string | null
  readonly label: string | null
}

/**
 * Asks the database which of these sessions are over, and what their accounts are called, in one indexed query. An
 * account that is gone or disabled has no sessions.
 */
export async function judgeAll(db: Kysely<Tables>, claims: readonly Claim[]): Promise<readonly Verdict[]> {
  const owners = claims.flatMap(({ owner }) => owner ?? [])
  const names = owners.filter(isOfName)
  const accounts = owners.filter((owner) => !isOfName(owner))
  const keys = listOf(claims.map(({ key }) => key))
  // PostgreSQL plans it anew each time, which takes longer than the answer. Sessions alone have keys.
  const facts = [
    sql`SELECT 'era' AS kind, '' AS of, era AS epoch, NULL AS keep, NULL AS label FROM ledger`,
    sql`SELECT 'session', key, gen, NULL, NULL FROM endings WHERE key IN (${keys})`
  ]
  if (accounts.length > 0) facts.push(factsOfAccounts(accounts))
  if (names.length > 0) facts.push(factsOfNames(names))
  const { rows } = await sql<Fact>`${sql.join(facts, sql` UNION ALL `)} ORDER BY epoch`.execute(db)
  const known = factsFrom(rows)
  return claims.map((claim) => ({ isOver: isOver(claim, known), label: known.labels.get(claim.owner ?? '') }))
}

interface Facts {
  readonly era: number
  /** The generation below which a session is over. */
  readonly sessions: ReadonlyMap<string, number>
  readonly floors: ReadonlyMap<string, Floor>
  /** The names of accounts by their ids. */
  readonly labels: ReadonlyMap<string, string>
}

/** @param rows by epoch: the last one of an owner counts */
function factsFrom(rows: readonly Fact[]): Facts {
  const of = (...kinds: Fact['kind'][]) => rows.filter(({ kind }) => kinds.includes(kind))
  const whole = Number.POSITIVE_INFINITY
  const ended = of('session').sort((one, other) => (one.epoch ?? whole) - (other.epoch ?? whole))
  return {
    era: of('era')[0]?.epoch ?? 0,
    labels: new Map(of('account').map(({ of, label }) => [of, label ?? ''])),
    sessions: new Map(ended.map(({ of, epoch }) => [of, epoch ?? whole])),
    floors: new Map(
      of('account', 'name').map(({ of, epoch, keep }) => [of, { epoch: epoch ?? 0, keep: keep ?? undefined }])
    )
  }
}

function isOver(claim: Claim, { era, sessions, floors }: Facts): boolean {
  const { key, owner, gen } = claim
  if (claim.era < era || gen < (sessions.get(key) ?? 0)) return true
  if (owner === undefined) return false
  const floor = floors.get(owner)
  return (floor === undefined && !isOfName(owner)) || isBelow(claim, floor)
}

function factsOfAccounts(accounts: readonly string[]) {
  return sql`SELECT 'account', id, version, kept_session, name FROM accounts
    WHERE id IN (${listOf(accounts)}) AND disabled_at IS NULL`
}

function factsOfNames(names: readonly string[]) {
  const labels = names.map((owner) => owner.slice('name:'.length))
  return sql`SELECT 'name', 'name:' || coalesce(name, substr(owner, 6)), n, keep, NULL FROM endings WHERE n IN (
    SELECT max(n) FROM endings WHERE kind = 'name' AND owner IN (${listOf(names)}) GROUP BY owner
    UNION ALL SELECT max(n) FROM endings WHERE kind = 'account' AND name IN (${listOf(labels)}) GROUP BY name)`
}

/** @param values at least one: `IN ()` is no SQL */
function listOf(values: readonly string[]) {
  return sql.join(values.map((value) => sql`${value}`))
}
