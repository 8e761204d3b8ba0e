import { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { withContext } from './context.ts'
import { type DeedOptions, deedOf, orSaid, unreadReasonOption } from './deed.ts'
import { outputOf } from './output.ts'
import { confirm } from './prompt.ts'

/** Rows that are read at once. */
const pageSize = 1000

/** `latchkey groups`: manages groups of accounts. */
export function groups(): Command {
  const groups = new Command('groups').description('add, list and remove groups of accounts').addHelpText(
    'after',
    `
Example:
  $ latchkey groups add family
  $ latchkey users group alice --add family`
  )
  groups.command('add <group>').description('make a group, without members').action(add)
  groups.command('list').description('print every group').action(list)
  groups.command('members <group>').description('print the accounts in a group').action(members)
  groups
    .command('remove <group>')
    .description('remove a group; the accounts in it stay')
    .option('--yes', 'do not ask for confirmation')
    .addOption(unreadReasonOption())
    .action(remove)
  return groups
}

async function add(group: string, _options: object, command: Command): Promise<void> {
  await withContext(async ({ siteAdministration }) => {
    const name = await orSaid(siteAdministration.addGroup(group, deedOf()))
    outputOf(command).done(`Added the group ${name}.`, { group: name })
  })
}

async function list(_options: object, command: Command): Promise<void> {
  await withContext(async ({ groups, storedIn }) => {
    const rows = (await groups.list()).map(({ name, members, createdAt }) => ({
      group: name,
      members,
      createdAt
    }))
    outputOf(command).table(
      rows,
      `There are no groups in ${storedIn} yet. Add one with "latchkey groups add GROUP".`
    )
  })
}

async function members(group: string, _options: object, command: Command): Promise<void> {
  await withContext(async ({ groups }) => {
    const found = await groups.find(group)
    if (!found) throw noSuchGroup(group)
    const names: string[] = []
    for (let after: string | undefined; ; after = names.at(-1)) {
      const page = await groups.members(group, { after, limit: pageSize })
      names.push(...page)
      if (page.length < pageSize) break
    }
    const rows = names.map((name) => ({ name }))
    outputOf(command).table(rows, `Nobody is in the group ${found.name}.`)
  })
}

async function remove(
  group: string,
  { yes = false, ...options }: DeedOptions & { readonly yes?: boolean },
  command: Command
): Promise<void> {
  await withContext(async ({ groups, siteAdministration }) => {
    const found = await groups.find(group)
    if (!found) throw noSuchGroup(group)
    await confirm({ what: `This removes the group ${found.name}: nobody is in it any more.`, yes })
    await orSaid(siteAdministration.removeGroup(group, deedOf(options)))
    outputOf(command).done(`Removed the group ${found.name}.`, { group: found.name })
  })
}

function noSuchGroup(group: string): CliError {
  return new CliError(`There is no group called "${group}".`)
}
