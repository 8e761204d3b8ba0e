import { sql } from '#vendor/kysely'
import { passwordsFor } from '../src/accounts/passwords.ts'
import { type Database, openDatabase } from '../src/database/database.ts'
import { newAccountId } from '../src/identity/account-id.ts'
import { readConfig } from '../src/settings/config.ts'
import type { Environment } from '../src/settings/environment.ts'

export interface PeopleOptions {
  /** How many. */
  readonly people: number
  /** Also into a database that has accounts. */
  readonly add?: boolean
  readonly password: string
  /** Called after each part. */
  readonly onProgress?: (done: number) => void
  /** Ends it after the part that is being written. */
  readonly signal?: AbortSignal
}

/** It has accounts, which are perhaps somebody's. */
export class NotEmptyError extends Error {}

const partSize = 5000
const yearMilliseconds = 365 * 24 * 60 * 60 * 1000
const firstNames =
  'anna ben carla david elif finn greta hugo ida jonas karim lea maria noah olga paul rosa samir tessa ute victor wanda yusuf zoe'
const lastNames =
  'adler baum celik dietz ernst fuchs gruber huber ivanov jansen klein lange meier nowak otto peters quast richter schmidt tran ullmann vogel weber yildiz zimmer'

/**
 * Fills a database with accounts that share one hash: hashing each would take days. Their names, addresses and times are as those of
 * a large site. What is written stays when it ends early. The first one is an administrator.
 * @returns how many there are of it @throws {NotEmptyError}
 */
export async function seedPeople(environment: Environment, options: PeopleOptions): Promise<number> {
  const config = readConfig(environment)
  // A part takes longer than anything that a service asks for.
  const patience = 60_000
  const database = await openDatabase(config.database, { onLost: () => {}, onBack: () => {} }, patience)
  try {
    const present = await database.sql
      .selectFrom('accounts')
      .select(({ fn }) => fn.countAll().as('n'))
      .execute()
    const start = Number(present[0]?.n)
    if (start > 0 && !options.add) throw new NotEmptyError(`${start} accounts are there already.`)
    if (database.kind === 'sqlite')
      // Most of a part goes to pages all over the file.
      database.sqlite.exec(
        'PRAGMA synchronous = NORMAL; PRAGMA cache_size = -400000; PRAGMA wal_autocheckpoint = 50000'
      )
    const hash = await passwordsFor(config).hash(options.password)
    let done = 0
    while (done < options.people && !options.signal?.aborted) {
      const size = Math.min(partSize, options.people - done)
      await insert(database, { from: start + done, size, hash })
      done += size
      options.onProgress?.(done)
      // Lets Ctrl-C be heard: the embedded database writes without a pause.
      await new Promise(setImmediate)
    }
    return done
  } finally {
    await database.close()
  }
}

interface Part {
  readonly from: number
  readonly size: number
  readonly hash: string
}

/** One statement: a JSON text goes to both databases as one value, where rows of values would have a limit. */
async function insert({ kind, sql: db }: Database, { from, size, hash }: Part): Promise<void> {
  const people = JSON.stringify(Array.from({ length: size }, (_, index) => person(from + index)))
  const [number, table] =
    kind === 'sqlite'
      ? ['', sql`json_each(${people})`]
      : ['::bigint', sql`jsonb_array_elements(${people}::jsonb) AS value`]
  const fields = sql.raw(`value->>0 AS id, value->>1 AS key, (value->>2)${number} AS created_at,
    (value->>3)${number} AS signed_in_at, value->>4 AS email, value->>5 AS role`)
  await sql`INSERT INTO accounts (id, key, name, skeleton, key_skeleton, created_at, signed_in_at, email, email_key, email_at,
      role, password_hash, version)
    SELECT id, key, key, key, key, created_at, signed_in_at, email, email, CASE WHEN email IS NULL THEN NULL ELSE created_at END,
      role, ${hash}, 1
    FROM (SELECT ${fields} FROM ${table}) AS people WHERE true
    ON CONFLICT DO NOTHING`.execute(db)
}

/** Most have an address, and most were there once. */
function person(n: number) {
  const [firsts, lasts] = [firstNames.split(' '), lastNames.split(' ')]
  const first = firsts[n % firsts.length]
  const last = lasts[Math.floor(n / firsts.length) % lasts.length]
  const name = `${first}.${last}.${n}`
  const created = Date.now() - Math.floor(Math.random() * 3 * yearMilliseconds)
  const signedIn = n % 5 === 0 ? 0 : created + Math.floor(Math.random() * (Date.now() - created))
  const email = n % 10 === 0 ? null : `${last}.${first}.${n}@example.org`
  return [newAccountId(), name, created, signedIn, email, n === 0 ? 'admin' : 'user']
}
