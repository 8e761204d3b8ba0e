import { inEnglish, isTextKey } from '../i18n/language.ts'
import type { Message, ParamsOf, TextKey } from '../i18n/texts.ts'

/** Who has to act on an error: `operator` is whoever runs the service. */
export type Actor = 'operator' | 'administrator' | 'user' | 'client' | 'application' | 'nobody'

/** All there is to know about a kind of error beside its texts. docs/operating.md has a row for each. */
export interface ErrorDefinition<Code extends string = string> {
  /** Stable: programs may rely on it. */
  readonly code: Code
  /** What it is in HTTP; undefined for what never answers a request. */
  readonly status: number | undefined
  readonly actor: Actor
  /** In English, for programs and whoever runs the service, where no language has a text `errors.CODE`. */
  readonly message?: string
}

/** The parent of every error Latchkey throws. `code` is stable: programs may rely on it. */
export abstract class LatchkeyError extends Error {
  abstract readonly code: string
  /** The message in any language; undefined where it is for programs or whoever runs the service, in English. */
  readonly userMessage: Message | undefined

  constructor(what: Message | string, options?: ErrorOptions) {
    super(typeof what === 'string' ? what : inEnglish(what), options)
    this.userMessage = typeof what === 'string' ? undefined : what
  }

  /** What Fastify answers with where nothing else does. */
  get statusCode(): number {
    return 500
  }

  /** And what Express does. */
  get status(): number {
    return this.statusCode
  }

  override get name() {
    return this.constructor.name
  }
}

/** A class to extend. Its constructor takes what is said instead of the text `errors.CODE`. */
export interface DefinedError<Code extends string> {
  readonly definition: ErrorDefinition<Code>
  new (...what: WhatOf<Code>): LatchkeyError & { readonly code: Code }
}

/** A text without gaps is said by itself. */
type WhatOf<Code extends string> = `errors.${Code}` extends infer Key extends TextKey
  ? ParamsOf<Key> extends []
    ? [what?: Message | string, options?: ErrorOptions]
    : [what: Message | string, options?: ErrorOptions]
  : [what?: Message | string, options?: ErrorOptions]

/**
 * States a kind of error once: `class NameTakenError extends defineError(code, { status: 409, … }) {}`. Its text is
 * `errors.<code>` in every language, or its message where it is for programs alone.
 */
export function defineError<const Code extends string>(
  code: Code,
  row: Omit<ErrorDefinition, 'code'>
): DefinedError<Code> {
  return class extends LatchkeyError {
    static readonly definition = { code, ...row }
    readonly code = code

    constructor(what: Message | string = textOf(code, row.message), options?: ErrorOptions) {
      super(what, options)
    }

    override get statusCode() {
      return row.status ?? super.statusCode
    }
  }
}

function textOf(code: string, message = code): Message | string {
  const key = `errors.${code}`
  return isTextKey(key) ? { key, params: {} } : message
}
