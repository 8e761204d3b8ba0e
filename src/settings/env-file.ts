import { parseEnv } from 'node:util'
import { ConfigError } from '../errors/errors.ts'

/** A value in quotes may go over several lines. */
const quoted = /=\s*(["'`]).*?\1/gs

/**
 * What a `.env` file sets.
 * @throws {ConfigError} with every line that sets nothing, is not empty and no comment: Node would pass over it
 */
export function parseEnvFile(text: string): NodeJS.Dict<string> {
  const lines = text.replace(quoted, (value) => `=${value.replace(/[^\n]/g, '')}`).split('\n')
  const faults = lines.flatMap((line, index) =>
    line.includes('=') || /^\s*(#|$)/.test(line)
      ? []
      : [`line ${index + 1} of .env sets nothing: write NAME=value`]
  )
  if (faults.length > 0) throw new ConfigError(faults)
  return parseEnv(text)
}
