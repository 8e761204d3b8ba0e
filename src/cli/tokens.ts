import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { withContext } from './context.ts'
import { accountOf, type DeedOptions, deedOf, orSaid } from './deed.ts'
import { outputOf } from './output.ts'

interface Ending extends DeedOptions {
  readonly end?: string
  readonly endAll?: true
}

/** `latchkey users tokens`: prints the tokens of an account, or ends one or all. Only their owner makes any. */
export async function usersTokens(
  username: string,
  { end, endAll, ...options }: Ending,
  command: Command
): Promise<void> {
  await withContext(async (context) => {
    const { administration, tokens } = context
    const account = await accountOf(username, context)
    const { id, name } = account
    const output = outputOf(command)
    if (end !== undefined) {
      const ended = await orSaid(administration.endToken(account, end, deedOf(options)))
      if (!ended) throw new CliError(`${name} has no token "${end}".`)
      return output.done(`Ended the token ${ended.name} of ${name}.`, { id, name, token: end })
    }
    if (endAll) {
      const ended = await orSaid(administration.endTokens(account, deedOf(options)))
      return output.done(`Ended ${ended} tokens of ${name}.`, { id, name, ended })
    }
    const rows = (await tokens.list(id)).map(({ id: token, hosts, forApi, ...times }) => ({
      token,
      name: times.name,
      hosts: hosts.join(' '),
      api: forApi,
      createdAt: times.createdAt,
      expiresAt: times.expiresAt,
      usedAt: times.usedAt
    }))
    output.table(rows, `${name} has no tokens.`)
  })
}
