import { message } from '../i18n/texts.ts'
import { isNameOfAddress } from '../identity/email-address.ts'
import { checkName, type NameCheck } from '../identity/names.ts'

export interface NewNameOf {
  /** The confirmed address of the account, if it has one. */
  readonly email?: string | undefined
  /** Whether mail is sent. */
  readonly sendsMail: () => boolean
}

/**
 * As checkName. Where mail is sent, a name with an @ in it has to be the account's own confirmed address: otherwise somebody
 * could be called as the address of another, who signs in by it.
 */
export function checkNewName(text: string, { email, sendsMail }: NewNameOf): NameCheck {
  const checked = checkName(text)
  if (!checked.ok || !checked.name.includes('@') || !sendsMail()) return checked
  if (email !== undefined && isNameOfAddress(checked.key, email)) return checked
  return { ok: false, reason: message('names.address') }
}
