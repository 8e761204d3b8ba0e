import type { Texts } from './texts/texts.ts'

/** What each error is in HTTP. One that is not here is a fault on our side; one that is has its text. */
export const statusByCode: Readonly<Record<string, number>> = {
  LATCHKEY_SIGN_IN_REQUIRED: 401,
  LATCHKEY_RECENT_PROOF_REQUIRED: 401,
  LATCHKEY_WRONG_CREDENTIALS: 401,
  LATCHKEY_SIGN_IN_UNDONE: 401,
  LATCHKEY_ROLE_REQUIRED: 403,
  LATCHKEY_THROTTLED: 429,
  LATCHKEY_BAD_INPUT: 400,
  LATCHKEY_NOT_FOUND: 404,
  LATCHKEY_ADDRESS_TOO_LONG: 414,
  LATCHKEY_INSECURE_CONNECTION: 400,
  LATCHKEY_NAME_TAKEN: 409,
  LATCHKEY_REGISTRATION_CLOSED: 403,
  LATCHKEY_CROSS_SITE: 403,
  LATCHKEY_UNKNOWN_HOST: 403,
  LATCHKEY_STORAGE_UNAVAILABLE: 503,
  LATCHKEY_BUSY: 503
} satisfies Partial<Record<keyof Texts['errors'], number>>
