import pg from 'pg'
import { connectionRefusal, StoreRefusal } from '../errors/store-refusal.ts'
import { WrongDatabaseError } from './migrations.ts'

/**
 * SQLSTATEs: who may connect, a database that is missing or closed, rights and names, what the server does not
 * know, a parameter of the address with a wrong value.
 */
const refusing = /^(28|3D|42|0A|22|55000)/

/** For PgBouncer everything is a protocol violation, 08P01. */
const refusingPool =
  /no such (database|user)|authentication failed|auth failed|does not exist|permission denied|no pg_hba\.conf entry|unsupported startup parameter|SSL required|config error/

/** What `pg` itself says, without a code. */
const ownWords = /^SASL|^Password must be|does not support SSL|establishing an SSL connection/

/**
 * Why PostgreSQL, or PgBouncer before it, cannot be used with these settings.
 * @returns undefined: it may just be away, or has an error of another kind
 */
export function refusalOf(error: unknown): StoreRefusal | undefined {
  if (!(error instanceof Error)) return undefined
  if (error instanceof WrongDatabaseError) return new StoreRefusal(`its database ${error.message}`)
  const cause = error instanceof AggregateError ? error.errors[0] : error
  if (/client password must be|^Password must be/.test(cause.message))
    return new StoreRefusal('it asks for a password, and the address has none', { cause })
  const { code = '', message } = cause
  const isRefusal =
    cause instanceof pg.DatabaseError
      ? refusing.test(code) || (code === '08P01' && refusingPool.test(message))
      : ownWords.test(message)
  return isRefusal ? new StoreRefusal(message, { cause }) : connectionRefusal(cause)
}
