import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { type CommandContext, withContext } from './context.ts'
import { accountOf, type DeedOptions, deedOf, orSaid } from './deed.ts'
import { outputOf } from './output.ts'

interface Memberships extends DeedOptions {
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
}

/** `latchkey users group`: prints the groups of an account, after a change the new ones. */
export async function changeGroups(
  username: string,
  { add = [], remove = [], ...options }: Memberships,
  command: Command
): Promise<void> {
  await withContext(async (context) => {
    const account = await accountOf(username, context)
    const deed = deedOf(options)
    const change = (group: string, step: 'join' | 'leave') =>
      orSaid(context.administration.changeGroup(account, group, step, deed))
    for (const group of [...add, ...remove]) await mustBeThere(group, context)
    for (const group of add) await change(group, 'join')
    for (const group of remove) await change(group, 'leave')
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
