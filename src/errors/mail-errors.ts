import { message } from '../i18n/texts.ts'
import { defineError } from './define-error.ts'

/** Nothing is sent by mail here: MAIL_URL is off, or there is no key in DATA_KEYS. */
export class MailOffError extends defineError('LATCHKEY_MAIL_OFF', { status: 404, actor: 'operator' }) {}

/** Another account has the e-mail address, or is called so. Only whoever reads mail there is told. */
export class AddressTakenError extends defineError('LATCHKEY_ADDRESS_TAKEN', {
  status: 409,
  actor: 'user'
}) {}

/** A link to confirm an e-mail address, or to set it back, opens nothing: it was used, is too old, or is another account's. */
export class AddressLinkInvalidError extends defineError('LATCHKEY_ADDRESS_LINK_INVALID', {
  status: 404,
  actor: 'user'
}) {}

/** Somebody was invited who has an account. Only administrators are told. */
export class HasAccountError extends defineError('LATCHKEY_HAS_ACCOUNT', {
  status: 409,
  actor: 'administrator'
}) {
  constructor(address: string, name: string) {
    super(message('errors.LATCHKEY_HAS_ACCOUNT', { address, name }))
  }
}

/** There is no invitation with this id: it was used, withdrawn, or is too old. */
export class NoSuchInvitationError extends defineError('LATCHKEY_NO_SUCH_INVITATION', {
  status: 404,
  actor: 'administrator'
}) {}
