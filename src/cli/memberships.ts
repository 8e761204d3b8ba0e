import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { type CommandContext, withContext } from './context.ts'
import { outputOf } from './output.ts'

interface Memberships {
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
}

/** `latchkey users group`: prints the groups of an account, after a change the new ones. */
export async function changeGroups(
  username: string,
  { add = [], remove = [] }: Memberships,
  command: Command
): Promise<void> {
  await withContext(async (context) => {
    const account = await context.accounts.find(username)
    if (!account) throw new CliError(`There is no account called "${username}".`)
    for (const group of [...add, ...remove]) await mustBeThere(group, context)
    for (const group of add) await change(context, account, { group, step: 'join' })
    for (const group of remove) await change(context, account, { group, step: 'leave' })
    const { id, name } = account
    const groups = await context.groups.of(id)
    const sentence = groups.length > 0 ? `${name} is in ${groups.join(', ')}.` : `${name} is in no group.`
    outputOf(command).done(sentence, { id, name, groups })
  })
}

/** Before the first change: of several groups with one misspelt none is changed. */
async function mustBeThere(group: string, { groups }: CommandContext): Promise<void> {
  if (await groups.find(group)) return
  throw new CliError(
    `There is no group called "${group}", so nothing was changed. Make it with "latchkey groups add NAME".`
  )
}

async function change(
  { groups, audited }: CommandContext,
  { id, name }: { readonly id: string; readonly name: string },
  { group, step }: { readonly group: string; readonly step: 'join' | 'leave' }
): Promise<void> {
  const done = await groups[step](id, group)
  if (!done.ok || !done.changed) return
  await audited({
    event: step === 'join' ? 'group-join' : 'group-leave',
    name,
    account: id,
    detail: done.group
  })
}
