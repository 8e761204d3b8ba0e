import { checkAddress } from '../identity/email-address.ts'

/** Whom mail comes from: MAIL_FROM. */
export interface SenderAddress {
  /** What mail programs show; undefined: the name of the site. */
  readonly name?: string | undefined
  readonly address: string
}

/** The same, complete. */
export interface From {
  readonly name: string
  readonly address: string
}

/**
 * An address, or a name before an address in angle brackets.
 * @returns undefined when it is not set
 * @throws {Error} with a message that completes a sentence starting with the name of the setting
 */
export function parseSenderAddress(text: string): SenderAddress | undefined {
  if (text === '') return undefined
  const [, quoted = '', address = text] = /^([^<>]*)<([^<>]+)>$/.exec(text) ?? []
  const name = quoted.trim().replace(/^"([^"]*)"$/, '$1')
  const check = checkAddress(address)
  if (check.ok && !/[\p{Cc}\p{Zl}\p{Zp}"\\]/u.test(name))
    return { ...(name !== '' && { name }), address: check.address }
  throw new Error(
    `is "${text}", it must be an address, such as no-reply@example.org or Example <no-reply@example.org>`
  )
}

/** Without MAIL_FROM: at the host that people know. */
export function defaultSender(publicUrl: URL | undefined): SenderAddress {
  const check = checkAddress(`no-reply@${publicUrl?.hostname ?? 'localhost'}`)
  return { address: check.ok ? check.address : 'no-reply@localhost' }
}
