import { defineError } from './define-error.ts'

/** A token that nobody has, that has expired, or that was sent with another name (RFC 6750 §3.1). */
export class TokenRefusedError extends defineError('LATCHKEY_TOKEN_REFUSED', {
  status: 401,
  actor: 'client'
}) {
  override get headers() {
    return { ...super.headers, 'www-authenticate': 'Bearer realm="Latchkey", error="invalid_token"' }
  }
}

/** A token is one factor that was not proved just now, and it is good for what it was made for. */
export class TokenNotEnoughError extends defineError('LATCHKEY_TOKEN_NOT_ENOUGH', {
  status: 403,
  actor: 'client'
}) {}
