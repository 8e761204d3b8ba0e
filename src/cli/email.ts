import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { byCommand, withContext } from './context.ts'
import { outputOf } from './output.ts'

/** `latchkey users email NAME [ADDRESS]`. Whoever runs the service may say that an address is confirmed. */
export async function email(
  username: string,
  address: string | undefined,
  { remove }: { remove?: true },
  command: Command
): Promise<void> {
  if (remove && address !== undefined) throw new CliError('Give an address, or --remove.')
  await withContext(async ({ accounts, addresses, audited }) => {
    const account = await accounts.find(username)
    if (!account) throw new CliError(`There is no account called "${username}".`)
    const { id, name, email } = account
    const output = outputOf(command)
    if (address === undefined && !remove)
      return output.done(email ?? `${name} has no address.`, { id, name, email: email ?? null })
    const changed = await addresses().set(id, address, byCommand.circumstances)
    if (!changed) throw new CliError(`There is no account called "${username}".`)
    if (!changed.ok) throw new CliError(changed.error.message)
    await audited({ event: 'address-change', name, account: id })
    const { email: present = null } = changed.account
    const done =
      present === null ? `${name} has no address any more.` : `The address of ${name} is ${present} now.`
    output.done(done, { id, name, email: present })
  })
}
