import type { From } from './sender-address.ts'

/** What a template makes of a message. */
export interface Rendered {
  readonly subject: string
  readonly text: string
}

/** A message that is ready to be sent. */
export interface OutgoingMail extends Rendered {
  readonly id: string
  readonly to: string
  /** When it was posted, in milliseconds since 1970: the same however often it is tried. */
  readonly at: number
  /** The BCP 47 tag of its language. */
  readonly language?: string | undefined
}

/** Sends one message. */
export interface Sender {
  /**
   * @returns where it is, or what the server answered: one line
   * @throws {DeliveryError}
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<string>
}

const longestSubject = 200

/**
 * A message as nodemailer takes it. It is plain text. Its Message-ID is the same however often it is tried, so that
 * mailboxes can tell that it is one. Answering machines leave it alone (RFC 3834).
 */
export function composed({ id, to, at, subject, text, language }: OutgoingMail, { name, address }: From) {
  return {
    from: { name: oneLine(name), address },
    to: { name: '', address: to },
    subject: [...oneLine(subject)].slice(0, longestSubject).join(''),
    text,
    messageId: `<${id}@${address.slice(address.lastIndexOf('@') + 1)}>`,
    date: new Date(at),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...(language !== undefined && { 'Content-Language': language })
    },
    disableFileAccess: true,
    disableUrlAccess: true
  }
}

/**
 * No part of a header has a line break, or a character that is not shown, or begins what a mail program would decode (RFC
 * 2047): that could be anything.
 */
function oneLine(text: string): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll('=?', '= ?')
    .trim()
}
