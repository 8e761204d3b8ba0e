import { defineError } from './define-error.ts'

/**
 * Requests that Node or Fastify refuses, and internal errors: of most only their definitions are used.
 */

/** The request did not arrive within the timeout. */
export class RequestTimeoutError extends defineError('LATCHKEY_REQUEST_TIMEOUT', {
  status: 408,
  actor: 'client',
  message: 'The request took too long to arrive.'
}) {}

/** The body is larger than any form here. */
export class BodyTooLargeError extends defineError('LATCHKEY_BODY_TOO_LARGE', {
  status: 413,
  actor: 'client',
  message: 'The request is too large.'
}) {}

/** The body is neither a form nor JSON, or its Content-Type is missing. */
export class UnknownMediaTypeError extends defineError('LATCHKEY_UNKNOWN_MEDIA_TYPE', {
  status: 415,
  actor: 'client'
}) {}

/** The headers are larger than the server reads. */
export class HeadersTooLargeError extends defineError('LATCHKEY_HEADERS_TOO_LARGE', {
  status: 431,
  actor: 'client',
  message: 'The headers of the request are too large.'
}) {}

/** The request is not valid HTTP. */
export class NotHttpError extends defineError('LATCHKEY_NOT_HTTP', {
  status: 400,
  actor: 'client',
  message: 'The request is not valid HTTP.'
}) {}

/** Any other error. */
export class InternalError extends defineError('LATCHKEY_INTERNAL', { status: 500, actor: 'operator' }) {}
