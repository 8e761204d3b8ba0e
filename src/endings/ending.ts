import { randomBytes } from 'node:crypto'

/**
 * What ended, as the ledger has it. A row is applied as often as one likes: each says how things are from then
 * on, none says "one more".
 */
export type Ending =
  /** One session, or with `gen` what it was below that generation. */
  | { readonly kind: 'session'; readonly key: string; readonly owner: string; readonly gen?: number }
  /** Sessions without an account that were made out of this name, but `keep`. */
  | { readonly kind: 'name'; readonly owner: string; readonly keep?: string | undefined }
  /** Everybody's. */
  | { readonly kind: 'era'; readonly epoch: number }

/** To be logged. */
export type NewEnding = Ending & {
  /** Logging it again under the same nonce does nothing. */
  readonly nonce: string
  /** When nothing that it ends can be there any more: milliseconds since 1970. */
  readonly until: number
}

/** Waits in Redis while the database is away: all sessions of an account or a name end, but `keep`. */
export interface HeldEnding extends Pick<NewEnding, 'nonce' | 'until'> {
  readonly kind: 'all'
  readonly owner: string
  readonly keep?: string | undefined
  /** Of the session under `keep`. */
  readonly keepEpoch?: number | undefined
}

/** A row of the ledger; those of accounts are written by the database itself. */
export type LoggedEnding =
  | (Ending & Numbered)
  | (Numbered & {
      readonly kind: 'account'
      readonly owner: string
      /** The name's own sessions end too. */
      readonly name: string
      /** Sessions of a lower one are over. */
      readonly epoch: number
      readonly keep?: string | undefined
      /** If the account was renamed: its name from then on. Empty: it was removed. */
      readonly label?: string | undefined
    })
  /** Nothing ended: something else of an account changed; empty: of any. */
  | (Numbered & { readonly kind: 'facts'; readonly owner: string })

interface Numbered {
  /** In the order of the commits; some numbers are nobody's. */
  readonly n: number
  readonly nonce: string
  /** How long ago it was logged, in milliseconds by the clock of the database; only of a row with a generation. */
  readonly ago?: number
}

export function newNonce(): string {
  return randomBytes(12).toString('base64url')
}
