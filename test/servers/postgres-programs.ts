import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const debian = '/usr/lib/postgresql'

/**
 * The path of a PostgreSQL program. On Debian the server's programs are outside the PATH, in a folder for
 * each version.
 */
export function postgresProgram(name: string): string | undefined {
  const versions = existsSync(debian) ? readdirSync(debian) : []
  const newestFirst = versions.sort((one, other) => Number(other) - Number(one))
  const folders = [
    ...newestFirst.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH?.split(delimiter) ?? [])
  ]
  return folders.map((folder) => join(folder, name)).find(existsSync)
}
