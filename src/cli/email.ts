import type { Command } from 'commander'
import { AddressTakenError } from '../errors/errors.ts'
import { inEnglish } from '../i18n/language.ts'
import { checkAddress } from '../identity/email-address.ts'
import { CliError } from './cli-error.ts'
import { withContext } from './context.ts'
import { accountOf, type DeedOptions, deedOf, orSaid } from './deed.ts'
import { outputOf } from './output.ts'
import type { CommandContext } from './stores.ts'

/** `latchkey users email NAME [ADDRESS]`. Whoever runs the service may say that an address is confirmed. */
export async function email(
  username: string,
  address: string | undefined,
  { remove, ...options }: DeedOptions & { remove?: true },
  command: Command
): Promise<void> {
  if (remove && address !== undefined) throw new CliError('Give an address, or --remove.')
  await withContext(async (context) => {
    const account = await accountOf(username, context)
    const { id, name, email } = account
    const output = outputOf(command)
    if (address === undefined && !remove)
      return output.done(email ?? `${name} has no address.`, { id, name, email: email ?? null })
    const { administration } = context
    const changed = await orSaid(administration.setAddress(account, address, deedOf(options)))
    const { email: present = null } = changed
    const done =
      present === null ? `${name} has no address any more.` : `The address of ${name} is ${present} now.`
    output.done(done, { id, name, email: present })
  })
}

/** The address of a new account. @throws {CliError} when it is none, or another account has it, or is called so */
export async function freeAddress(typed: string, { accounts }: CommandContext): Promise<string> {
  const checked = checkAddress(typed)
  if (!checked.ok) throw new CliError(inEnglish(checked.reason))
  if (await accounts.findToSignIn(checked.address)) throw new CliError(new AddressTakenError().message)
  return checked.address
}
