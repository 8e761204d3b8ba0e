import type { Actor, AuditEvent, AuditEventName } from '../audit/audit-event.ts'
import { BadInputError } from '../errors/errors.ts'
import { reasonFault } from '../factors/drop-reason.ts'
import type { Owner } from '../identity/owner-key.ts'

/** Who does something, and why. */
export interface Deed {
  readonly by: Actor
  /** The client's, in the audit trail. */
  readonly address?: string | undefined
  /** Kept in the audit trail, where whom it concerns reads it too. At most 200 UTF-16 units. */
  readonly reason?: string | undefined
  /** Also the last administrator. Only for whoever runs the command. */
  readonly force?: boolean | undefined
}

/** @throws {BadInputError} for a reason that is empty or too long */
export function checkReason({ reason }: Deed): void {
  const fault = reason === undefined ? undefined : reasonFault(reason)
  if (fault) throw new BadInputError(fault)
}

/** @throws {BadInputError} also without one */
export function mustHaveReason({ reason = '', ...deed }: Deed): void {
  checkReason({ ...deed, reason })
}

/** As changes of accounts take them. */
export function optionsOf(id: string, { by, address, force, reason }: Deed) {
  return { id, force: force || undefined, circumstances: { by, address, reason } }
}

export type EventDetails = Pick<AuditEvent, 'detail' | 'formerName' | 'session'>

/** @param about the account concerned; undefined: none */
export function eventOf(
  event: AuditEventName,
  about: Owner | undefined,
  { by, address, reason }: Deed,
  more?: EventDetails
): AuditEvent {
  return { event, name: about?.name, account: about?.id, by, address, reason, ...more }
}
