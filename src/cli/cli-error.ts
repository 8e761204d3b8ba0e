import { defineError } from '../errors/define-error.ts'

export const exitCodes = { ok: 0, refused: 1, wrongUsage: 2, interrupted: 130 } as const

/** What was asked for cannot be done; the message is the one sentence to print. */
export class CliError extends defineError('LATCHKEY_REFUSED', { status: undefined, actor: 'operator' }) {}
