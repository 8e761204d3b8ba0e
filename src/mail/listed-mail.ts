import type { KeyRing } from '../encryption/key-ring.ts'
import type { MailRow } from './mail-store.ts'
import { placeOfMail } from './outbox.ts'

export type MailState = 'queued' | 'sent' | 'failed'

/** A message for administrators, without what it says. */
export interface ListedMail {
  readonly id: string
  readonly state: MailState
  readonly template: string
  /** Undefined when its key is missing in DATA_KEYS. */
  readonly to: string | undefined
  /** The id of an account. */
  readonly account: string | undefined
  readonly createdAt: Date
  readonly tries: number
  /** When it is tried next; undefined: it is not. */
  readonly nextAt: Date | undefined
  /** When it was sent, or given up. */
  readonly doneAt: Date | undefined
  /** What the last try met. */
  readonly error: string | undefined
}

export function listedMail(row: MailRow, keys: KeyRing): ListedMail {
  const { id, template, recipient, account_id, created_at, tries, next_at, sent_at, failed_at, error } = row
  const doneAt = sent_at ?? failed_at
  return {
    id,
    state: stateOf(row),
    template,
    to: keys.open(recipient, placeOfMail('recipient', id)),
    account: account_id ?? undefined,
    createdAt: new Date(created_at),
    tries,
    nextAt: doneAt === null ? new Date(next_at) : undefined,
    doneAt: doneAt === null ? undefined : new Date(doneAt),
    error: error ?? undefined
  }
}

function stateOf({ sent_at, failed_at }: MailRow): MailState {
  if (sent_at !== null) return 'sent'
  return failed_at === null ? 'queued' : 'failed'
}
