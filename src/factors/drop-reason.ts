import { type Message, message } from '../i18n/texts.ts'

/** In UTF-16 units. */
export const maxReasonLength = 200

/** Why second factors were dropped is in the audit trail, where their owner reads it too. @returns what is wrong with it */
export function reasonFault(reason: string): Message | undefined {
  const isReason = reason.trim() !== '' && reason.length <= maxReasonLength
  return isReason ? undefined : message('input.reason', { most: maxReasonLength })
}
