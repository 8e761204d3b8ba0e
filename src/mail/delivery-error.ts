/** What can be done about a message that could not be sent. */
export type Cause =
  /** The recipient or the message was refused for good: RFC 5321 §4.2.1. */
  | 'refused'
  /** The recipient or the message was refused for now. */
  | 'deferred'
  /** Nothing can be sent at the moment, whatever the message: the server is away, or does not let us in. */
  | 'server'
  /** The message could not be made. */
  | 'message'

/** Why a message was not sent. The text is for administrators and for whom the message was. */
export class DeliveryError extends Error {
  readonly delivery: Cause

  constructor(delivery: Cause, text: string, options?: ErrorOptions) {
    super(text, options)
    this.delivery = delivery
  }
}

const longest = 300

/** What nodemailer says of a failure. */
interface SmtpError extends Error {
  readonly code?: string
  /** The SMTP command that was answered. */
  readonly command?: string
  readonly responseCode?: number
  readonly response?: string
}

/** After these the answer is about the recipient and the message. */
const aboutMessage = ['RCPT TO', 'DATA']

/** Makes an error of nodemailer's. What a server answered is shown as it is, in one line, without the password. */
export function deliveryErrorOf(error: unknown, secrets: readonly string[] = []): DeliveryError {
  if (error instanceof DeliveryError) return error
  const { command = '', responseCode, response, code, message, name } = toSmtpError(error)
  const text = line(response || message, secrets)
  if (responseCode !== undefined && aboutMessage.includes(command) && responseCode !== 421) {
    const cause = responseCode >= 500 ? 'refused' : 'deferred'
    return new DeliveryError(cause, `The mail server answered: ${text}`, { cause: error })
  }
  if (name === 'AbortError' || code === 'ABORT_ERR')
    return new DeliveryError('server', 'The mail server took too long.', { cause: error })
  if (code === 'EAUTH')
    return new DeliveryError('server', `The mail server refuses the user and password in MAIL_URL: ${text}`, {
      cause: error
    })
  if (responseCode !== undefined)
    return new DeliveryError('server', `The mail server answered: ${text}`, { cause: error })
  return new DeliveryError('server', `The mail server cannot be used: ${text}`, { cause: error })
}

function toSmtpError(error: unknown): SmtpError {
  return error instanceof Error ? error : new Error(String(error))
}

function line(text: string, secrets: readonly string[]): string {
  const plain = secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '…'), text)
  const oneLine = plain.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return oneLine.length > longest ? `${oneLine.slice(0, longest)}…` : oneLine
}
