import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { withPackage } from '../errors/missing-package.ts'
import { composed, type OutgoingMail, type Sender } from './compose.ts'
import { DeliveryError } from './delivery-error.ts'
import type { From } from './sender-address.ts'
import { nodemailer } from './smtp-sender.ts'

/** Writes mail into files that mail programs open, one a message. Nobody but the owner of the process may read them. */
export class FileSender implements Sender {
  readonly #folder: string
  readonly #from: From

  constructor(folder: string, from: From) {
    this.#folder = folder
    this.#from = from
  }

  /** @returns the path; a message that is sent again has the same */
  async send(mail: OutgoingMail): Promise<string> {
    const { createTransport } = await withPackage(nodemailer, () => import('nodemailer'))
    const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
    const { message } = await transport.sendMail(composed(mail, this.#from))
    const at = new Date(mail.at).toISOString().replaceAll(':', '.')
    const path = resolve(join(this.#folder, `${at}-${mail.id}.eml`))
    const part = `${path}.part`
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await writeFile(part, readable(String(message), mail.text), { mode: 0o600 })
      await rename(part, path)
    } catch (error) {
      throw new DeliveryError('server', `The mail could not be written: ${error}`, { cause: error })
    }
    return path
  }
}

/** Whoever looks into the file without a mail program finds the link in one piece (RFC 2045 §6.2: 8bit). */
function readable(message: string, text: string): string {
  const headers = message.slice(0, message.indexOf('\n\n'))
  return `${headers.replace(/^(Content-Transfer-Encoding): .*$/im, '$1: 8bit')}\n\n${text}`
}
