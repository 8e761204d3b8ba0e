import { Command, InvalidArgumentError, Option } from 'commander'
import { inEnglish } from '../i18n/language.ts'
import { checkAddress } from '../identity/email-address.ts'
import type { DeliveryError } from '../mail/delivery-error.ts'
import type { MailState } from '../mail/listed-mail.ts'
import { type MailTarget, mailNote } from '../mail/mail-target.ts'
import { CliError } from './cli-error.ts'
import { withContext } from './context.ts'
import { outputOf } from './output.ts'

/** `latchkey mail`: what was posted, and whether it can be sent. */
export function mail(): Command {
  const mail = new Command('mail').description('show mail, try it again, and find out whether it can be sent')
  mail
    .command('list')
    .description('print messages that wait, were sent or failed, the newest first')
    .addOption(new Option('--state <state>', 'only those').choices(['queued', 'sent', 'failed']))
    .option('-n, --lines <number>', 'how many messages', wholeNumber, 20)
    .action(list)
  mail
    .command('retry [id...]')
    .description('try messages that failed again, unless they are of no use any more')
    .option('--all', 'all that failed')
    .action(retry)
  mail
    .command('test <address>')
    .description('send a message at once, and print what the mail server answers')
    .action(test)
  return mail
}

interface ListOptions {
  readonly state?: MailState
  readonly lines: number
}

async function list({ state, lines }: ListOptions, command: Command): Promise<void> {
  await withContext(async ({ mail }) => {
    const listed = await mail().list({ state, limit: lines })
    const ifEmpty = state === undefined ? 'No mail was posted in the last 30 days.' : `No mail is ${state}.`
    outputOf(command).table(
      listed.map((each) => ({ ...each })),
      ifEmpty
    )
  })
}

async function retry(
  ids: readonly string[],
  { all }: { readonly all?: true },
  command: Command
): Promise<void> {
  if (all ? ids.length > 0 : ids.length === 0) command.error('error: name messages, or add --all')
  await withContext(async ({ mail }) => {
    mustBeOn(mail().target)
    const retried = await mail().retry(all ? 'all' : ids)
    if (retried === 0) throw new CliError('No such message failed, or it is of no use any more.')
    const sentence = retried === 1 ? '1 message is tried again.' : `${retried} messages are tried again.`
    outputOf(command).done(`${sentence} The service sends them.`, { retried })
  })
}

async function test(text: string, _options: object, command: Command): Promise<void> {
  const check = checkAddress(text)
  if (!check.ok) throw new CliError(inEnglish(check.reason))
  await withContext(async ({ mail }) => {
    const { target, sendTest } = mail()
    mustBeOn(target)
    const answer = await sendTest(check.address).catch((error: DeliveryError) => {
      throw new CliError(error.message)
    })
    const sentence =
      target.kind === 'files' ? `The mail is in ${answer}` : `The mail server took it: ${answer}`
    outputOf(command).done(sentence, { to: check.address, answer })
  })
}

/** @throws {CliError} */
function mustBeOn(target: MailTarget): void {
  if (target.kind === 'off') throw new CliError(mailNote(target) ?? 'MAIL_URL is off, so there is no mail.')
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 to 999999.')
}
