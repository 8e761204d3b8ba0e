import { defineError } from './define-error.ts'

/** What a passkey sent does not fit: another site, an old challenge, a signature of something else. */
export class PasskeyRefusedError extends defineError('LATCHKEY_PASSKEY_REFUSED', {
  status: 401,
  actor: 'user'
}) {}

/** Nobody has this passkey. The browser may forget it. */
export class PasskeyUnknownError extends defineError('LATCHKEY_PASSKEY_UNKNOWN', {
  status: 401,
  actor: 'user'
}) {}

/** The passkey did not verify its user, so it is one factor and no sign-in by itself. */
export class PasskeyUnverifiedError extends defineError('LATCHKEY_PASSKEY_UNVERIFIED', {
  status: 401,
  actor: 'user'
}) {}

/** An account has this passkey already. */
export class PasskeyTakenError extends defineError('LATCHKEY_PASSKEY_TAKEN', {
  status: 409,
  actor: 'user'
}) {}
