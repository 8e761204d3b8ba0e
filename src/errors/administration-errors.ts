import { message } from '../i18n/texts.ts'
import { defineError } from './define-error.ts'

/** Administrators cannot lock themselves out. */
export class OwnAccountError extends defineError('LATCHKEY_OWN_ACCOUNT', {
  status: 409,
  actor: 'administrator'
}) {}

/** Nobody would be left who manages accounts. Nothing was changed. */
export class LastAdministratorError extends defineError('LATCHKEY_LAST_ADMINISTRATOR', {
  status: 409,
  actor: 'administrator'
}) {}

/** SECOND_FACTOR asks for one, and no administrator would be left who has any. Nothing was changed. */
export class LastSecondFactorError extends defineError('LATCHKEY_LAST_SECOND_FACTOR', {
  status: 409,
  actor: 'administrator'
}) {}

/** The account is disabled, so a link would open nothing. */
export class AccountDisabledError extends defineError('LATCHKEY_ACCOUNT_DISABLED', {
  status: 409,
  actor: 'administrator'
}) {
  constructor(name: string) {
    super(message('errors.LATCHKEY_ACCOUNT_DISABLED', { name }))
  }
}

/** A link cannot be mailed to an account without a confirmed address. */
export class NoAddressError extends defineError('LATCHKEY_NO_ADDRESS', {
  status: 409,
  actor: 'administrator'
}) {
  constructor(name: string) {
    super(message('errors.LATCHKEY_NO_ADDRESS', { name }))
  }
}
