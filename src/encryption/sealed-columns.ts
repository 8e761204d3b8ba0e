/** A column whose texts are sealed. */
export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** The primary key of the table. */
  readonly key: string
  /** The column that the place of a text has as its account: see Place. */
  readonly place: string
}

/** All of them, so that a new key takes over each: `key-upkeep.ts`. The first is the one that people miss. */
export const sealedColumns: readonly [SealedColumn, ...SealedColumn[]] = [
  { table: 'totp', column: 'seed', key: 'id', place: 'account_id' },
  { table: 'outbox', column: 'recipient', key: 'id', place: 'id' },
  { table: 'outbox', column: 'data', key: 'id', place: 'id' },
  { table: 'reset_requests', column: 'typed', key: 'id', place: 'id' },
  { table: 'former_addresses', column: 'address', key: 'id', place: 'id' },
  { table: 'invitations', column: 'address', key: 'hash', place: 'hash' },
  { table: 'link_tokens', column: 'address', key: 'hash', place: 'hash' }
]
