import { statSync } from 'node:fs'
import { ConfigError } from '../errors/errors.ts'
import { readTextFile } from '../primitives/text-file.ts'
import { settings } from './settings.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Settings that may hold a secret: each may be in a file. */
export const secretNames: readonly string[] = settings
  .filter(({ secret }) => secret !== undefined)
  .map(({ name }) => name)

/** `SESSION_SECRET_FILE` has the path of a file with the value of `SESSION_SECRET`. */
export function fileVariable(name: string): string {
  return `${name}_FILE`
}

/**
 * Adds the values that are in files, as Docker's secrets and systemd's credentials are: without the line end at
 * the end of the file.
 * @param names of the settings that may be in files; the files of others are not read
 * @throws {ConfigError} with a sentence for each file that cannot be read or has not one line, and for each
 * setting that is set twice
 */
export function withSecretFiles(variables: Variables, names: readonly string[]): Variables {
  const faults: string[] = []
  const read: Record<string, string> = {}
  for (const name of names) {
    const file = variables[fileVariable(name)]?.trim()
    if (!file) continue
    try {
      if (variables[name]?.trim()) throw new Error(`and ${name} are both set: remove one of them`)
      read[name] = secretIn(file)
    } catch (error) {
      faults.push(`${fileVariable(name)} ${error instanceof Error ? faultOf(error) : error}`)
    }
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return { ...variables, ...read }
}

/** A pipe is refused: it would be waited for, and gives its text once only. */
function secretIn(file: string): string {
  if (!statSync(file).isFile()) throw new Error(`names ${file}, which is no file`)
  const text = readTextFile(file).trim()
  if (text === '') throw new Error(`names ${file}, which is empty`)
  const { length } = text.split('\n')
  if (length > 1) throw new Error(`names ${file}, which has ${length} lines, it must have one`)
  return text
}

/** Messages of the file system name the path. Where there is nothing, it may be the secret itself. */
function faultOf(error: Error): string {
  if (!('code' in error)) return error.message
  const isThere = error.code === 'EACCES' || error.code === 'EPERM'
  return isThere ? `cannot be read: ${error.message}` : `must be the path of a file (${error.code})`
}
