import type { Transporter } from 'nodemailer'
import { withPackage } from '../errors/missing-package.ts'
import { once } from '../primitives/once.ts'
import { composed, type OutgoingMail, type Sender } from './compose.ts'
import { deliveryErrorOf } from './delivery-error.ts'
import type { MailServer } from './mail-url.ts'
import type { From } from './sender-address.ts'

/** Of each step, in milliseconds. The signal limits all of them together. */
const timeouts = {
  dnsTimeout: 10_000,
  connectionTimeout: 15_000,
  greetingTimeout: 15_000,
  socketTimeout: 45_000
} as const

/** Sends mail over SMTP: a connection a message. The package is loaded for the first message. */
export class SmtpSender implements Sender {
  readonly #server: MailServer
  readonly #from: From
  readonly #transport: () => Promise<Transporter>

  constructor(server: MailServer, from: From) {
    this.#server = server
    this.#from = from
    this.#transport = once(() => openTransport(server))
  }

  async send(mail: OutgoingMail, signal: AbortSignal): Promise<string> {
    const transport = await this.#transport()
    try {
      const { response } = await transport.sendMail({ ...composed(mail, this.#from), signal })
      return String(response)
    } catch (error) {
      throw deliveryErrorOf(error, [this.#server.password ?? ''])
    }
  }
}

async function openTransport({ host, port, isTls, needsTls, user, password }: MailServer) {
  const { createTransport } = await withPackage(nodemailer, () => import('nodemailer'))
  return createTransport({
    host,
    port,
    secure: isTls,
    requireTLS: needsTls && !isTls,
    // Where TLS may be missing, somebody on the way could take it off anyway.
    tls: { rejectUnauthorized: needsTls, minVersion: 'TLSv1.2' },
    opportunisticTLS: !needsTls,
    ...(user !== undefined && { auth: { user, pass: password ?? '' }, forceAuth: true }),
    ...timeouts
  })
}

export const nodemailer = { name: 'nodemailer', because: 'MAIL_URL is set' } as const
