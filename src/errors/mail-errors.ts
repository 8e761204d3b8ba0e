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
