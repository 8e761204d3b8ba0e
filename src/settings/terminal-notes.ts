import { resolve } from 'node:path'
import { withoutSecrets } from '../web/addresses.ts'
import type { Config } from './config.ts'

/** What somebody who starts the service by hand wants to know: one sentence each. */
export function terminalNotes(config: Pick<Config, 'database' | 'redisUrl'>): string[] {
  return [
    `${dataNote(config)}.`,
    'Another administrator is made by: npx latchkey users grant NAME.',
    'Press Ctrl-C to stop.'
  ]
}

function dataNote({ database, redisUrl }: Pick<Config, 'database' | 'redisUrl'>): string {
  const accounts = placeOf(database)
  if (redisUrl === undefined) return `Accounts and sessions are ${accounts}`
  return `Accounts are ${accounts}, sessions in Redis at ${withoutSecrets(redisUrl)}`
}

function placeOf(database: Config['database']): string {
  if (database.kind === 'postgres') return `in PostgreSQL at ${withoutSecrets(database.url)}`
  if (database.file === ':memory:') return 'in memory, and lost at exit'
  return `in ${resolve(database.file)}`
}
