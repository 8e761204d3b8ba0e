import { defineError } from '../errors/define-error.ts'
import { printable } from '../primitives/visible-text.ts'

export const exitCodes = { ok: 0, refused: 1, wrongUsage: 2, interrupted: 130 } as const

/** The command cannot do what was asked; the message is the sentence to print, with any further lines below it. */
export class CliError extends defineError('LATCHKEY_REFUSED', { status: undefined, actor: 'operator' }) {
  constructor(sentence: string, lines: readonly string[] = []) {
    super([sentence, ...lines].map(printable).join('\n'))
  }
}
