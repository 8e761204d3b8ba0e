import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { withContext } from './context.ts'
import { accountOf, type DeedOptions, deedOf, orSaid } from './deed.ts'
import { outputOf } from './output.ts'

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
