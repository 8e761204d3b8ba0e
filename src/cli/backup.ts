import { Command } from 'commander'
import { CopyError } from '../database/copy-error.ts'
import { printable } from '../primitives/visible-text.ts'
import { type Config, readOwnConfig } from '../settings/config.ts'
import { CliError } from './cli-error.ts'
import { withContext } from './context.ts'
import { outputOf } from './output.ts'
import { confirm } from './prompt.ts'

/** `latchkey backup`: copies the embedded database, while the service runs. */
export function backup(): Command {
  return new Command('backup')
    .description('copy the embedded database, also while the service runs')
    .argument('<file>', 'the copy; readable by its owner only')
    .option('--overwrite', 'replace the file if it exists')
    .addHelpText(
      'after',
      '\nThe copy has no secrets of the settings: keep session.secret, data.key and PASSWORD_PEPPERS too.'
    )
    .action(makeBackup)
}

/** `latchkey restore`: puts a backup in the place of the embedded database. */
export function restore(): Command {
  return new Command('restore')
    .description('put a backup in the place of the embedded database, and sign everybody out')
    .argument('<file>', 'a copy made by "latchkey backup"')
    .option('--yes', 'do not ask for confirmation')
    .addHelpText('after', '\nStop the service first. The replaced database is kept beside the restored one.')
    .action(restoreBackup)
}

async function makeBackup(copy: string, { overwrite = false }: { overwrite?: boolean }, command: Command) {
  const { file, config } = embedded('pg_dump')
  const { backUp } = await import('../database/backup.ts')
  await orRefuse(async () => backUp(file, copy, { overwrite, patience: config.storagePatience }))
  outputOf(command).done(`Copied ${file} to ${copy}.`, { database: file, copy })
}

async function restoreBackup(copy: string, { yes = false }: { yes?: boolean }, command: Command) {
  const { file, config } = embedded('pg_restore')
  const { mustBeAlone, restore: restoreFile } = await import('../database/restore.ts')
  await orRefuse(async () => mustBeAlone(copy, file))
  await confirm({ what: `This replaces ${file} by ${copy} and signs everybody out.`, yes })
  const replaced = await orRefuse(() => restoreFile(copy, file))
  await withContext(async ({ allSessions, audited }) => {
    // Those in the file are over. A Redis has its own.
    if (config.redisUrl) await endOrTell(async () => (await allSessions()).revokeEverything())
    await audited({ event: 'sessions-end' })
  })
  const kept = replaced === undefined ? '' : ` The replaced database is ${replaced}.`
  outputOf(command).done(`Restored ${file} from ${copy}. Everybody is signed out.${kept}`, {
    database: file,
    copy,
    replaced: replaced ?? null
  })
}

/** @throws {CliError} if there is no file to copy */
function embedded(instead: string): { file: string; config: Config } {
  const config = readOwnConfig()
  for (const warning of config.warnings) console.error(printable(warning))
  if (config.database.kind === 'postgres') {
    throw new CliError(
      `DATABASE_URL is a PostgreSQL, which this command does not copy: use ${instead}. After restoring it, end all sessions with "latchkey sessions end --all".`
    )
  }
  if (config.database.file === ':memory:') throw new CliError('DATABASE_URL is in memory: there is no file.')
  return { file: config.database.file, config }
}

async function orRefuse<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw error instanceof CopyError ? new CliError(error.message) : error
  }
}

async function endOrTell(end: () => Promise<unknown>): Promise<void> {
  try {
    await end()
  } catch (error) {
    throw new CliError(
      `The database is restored, but sessions in Redis may still be open: ${error}. Run "latchkey sessions end --all" when it is back.`
    )
  }
}
