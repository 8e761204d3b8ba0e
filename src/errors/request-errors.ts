import { defineError } from './define-error.ts'

/**
 * What Node or Fastify refuses by itself, and a fault of ours: programs get their codes, and nothing throws them.
 */

/** The request took longer to arrive than the server waits. */
export class RequestTimeoutError extends defineError('LATCHKEY_REQUEST_TIMEOUT', {
  status: 408,
  actor: 'client',
  message: 'The request took too long to arrive.'
}) {}

/** More was sent than a form of ours can hold. */
export class BodyTooLargeError extends defineError('LATCHKEY_BODY_TOO_LARGE', {
  status: 413,
  actor: 'client',
  message: 'The request is too large.'
}) {}

/** The body is neither a form nor JSON, or does not say so. */
export class UnknownMediaTypeError extends defineError('LATCHKEY_UNKNOWN_MEDIA_TYPE', {
  status: 415,
  actor: 'client'
}) {}

/** More headers than the server reads. */
export class HeadersTooLargeError extends defineError('LATCHKEY_HEADERS_TOO_LARGE', {
  status: 431,
  actor: 'client',
  message: 'The request has too much in its headers.'
}) {}

/** What came is no HTTP. */
export class NotHttpError extends defineError('LATCHKEY_NOT_HTTP', {
  status: 400,
  actor: 'client',
  message: 'This is not a request that can be read.'
}) {}

/** Whatever else went wrong. */
export class InternalError extends defineError('LATCHKEY_INTERNAL', { status: 500, actor: 'operator' }) {}
