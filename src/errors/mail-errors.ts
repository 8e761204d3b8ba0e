import { defineError } from './define-error.ts'

/** Nothing is sent by mail here: MAIL_URL is off, or there is no key in DATA_KEYS. */
export class MailOffError extends defineError('LATCHKEY_MAIL_OFF', { status: 404, actor: 'operator' }) {}
