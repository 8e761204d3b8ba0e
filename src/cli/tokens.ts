import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { withContext } from './context.ts'
import { outputOf } from './output.ts'

interface Ending {
  readonly end?: string
  readonly endAll?: true
}

/** `latchkey users tokens`: prints the tokens of an account, or ends one or all. Only their owner makes any. */
export async function usersTokens(
  username: string,
  { end, endAll }: Ending,
  command: Command
): Promise<void> {
  await withContext(async ({ accounts, tokens, audited }) => {
    const account = await accounts.find(username)
    if (!account) throw new CliError(`There is no account called "${username}".`)
    const { id, name } = account
    const output = outputOf(command)
    if (end !== undefined) {
      const ended = await tokens.end(id, end)
      if (!ended) throw new CliError(`${name} has no token "${end}".`)
      await audited({ event: 'token-end', name, account: id, detail: ended.name })
      return output.done(`Ended the token ${ended.name} of ${name}.`, { id, name, token: end })
    }
    if (endAll) {
      const ended = await tokens.endAll(id)
      if (ended > 0) await audited({ event: 'tokens-end', name, account: id })
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
