import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../database/tables.ts'

/** What a session says of itself that decides whether it is over. */
export interface Claim {
  readonly key: string
  /** The account's id, or `name:` and a name; undefined: nobody is signed in. */
  readonly owner: string | undefined
  /** Missing in the record: 0, here and for the next two. */
  readonly epoch: number
  readonly gen: number
  readonly era: number
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
export function isOverInRedis(claim: Claim, era: number, floor: readonly (string | null)[]): boolean {
  const [epoch, floorEra, keep] = floor
  if (claim.era < era) return true
  return (
    Number(floorEra ?? 0) === era && isBelow(claim, { epoch: Number(epoch ?? 0), keep: keep ?? undefined })
  )
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
}

/**
 * Asks the database which of these sessions are over, in one indexed query. An account that is gone or
 * disabled has no sessions.
 */
export async function judgeAll(db: Kysely<Tables>, claims: readonly Claim[]): Promise<readonly boolean[]> {
  const owners = claims.flatMap(({ owner }) => owner ?? [])
  const keys = listOf(claims.map(({ key }) => key))
  const names = owners.filter(isOfName)
  const ownersOfNames = listOf(names)
  const labels = listOf(names.map((owner) => owner.slice('name:'.length)))
  const accounts = listOf(owners.filter((owner) => !isOfName(owner)))
  const { rows } = await sql<Fact>`
    SELECT 'era' AS kind, '' AS of, era AS epoch, NULL AS keep FROM ledger
    UNION ALL SELECT 'session', key, gen, NULL FROM endings WHERE kind = 'session' AND key IN (${keys})
    UNION ALL SELECT 'account', id, version, kept_session FROM accounts
      WHERE id IN (${accounts}) AND disabled_at IS NULL
    UNION ALL SELECT 'name', 'name:' || coalesce(name, substr(owner, 6)), n, keep FROM endings WHERE n IN (
      SELECT max(n) FROM endings WHERE kind = 'name' AND owner IN (${ownersOfNames}) GROUP BY owner
      UNION ALL SELECT max(n) FROM endings WHERE kind = 'account' AND name IN (${labels}) GROUP BY name)
    ORDER BY epoch`.execute(db)
  const facts = factsFrom(rows)
  return claims.map((claim) => isOver(claim, facts))
}

interface Facts {
  readonly era: number
  /** The generation below which a session is over. */
  readonly sessions: ReadonlyMap<string, number>
  readonly floors: ReadonlyMap<string, Floor>
}

/** @param rows by epoch: the last one of an owner counts */
function factsFrom(rows: readonly Fact[]): Facts {
  const of = (...kinds: Fact['kind'][]) => rows.filter(({ kind }) => kinds.includes(kind))
  const whole = Number.POSITIVE_INFINITY
  const ended = of('session').sort((one, other) => (one.epoch ?? whole) - (other.epoch ?? whole))
  return {
    era: of('era')[0]?.epoch ?? 0,
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

/** `IN ()` is no SQL. */
function listOf(values: readonly string[]) {
  return values.length > 0 ? sql.join(values.map((value) => sql`${value}`)) : sql`NULL`
}
