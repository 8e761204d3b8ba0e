import { randomBytes } from 'node:crypto'
import { linkSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ConfigError } from '../errors/errors.ts'
import { readTextFile } from '../primitives/text-file.ts'
import type { DatabaseAddress } from './database-address.ts'

/** `session.secret` signs cookies, `data.key` seals what the database must not show. */
export type SecretFile = 'session.secret' | 'data.key'

/** The path of a generated secret, which may not exist yet; undefined if there is none. */
export function secretFile(database: DatabaseAddress, name: SecretFile): string | undefined {
  if (database.kind !== 'sqlite' || database.file === ':memory:') return undefined
  return join(dirname(database.file), name)
}

/**
 * A secret beside the embedded database, generated at the first use and readable by its owner only. Call it when the
 * database is open, so that its folder exists. A database that has no folder gets another one each time.
 */
export function storedSecret(database: DatabaseAddress, name: SecretFile): string {
  const file = secretFile(database, name)
  if (file === undefined) return generate()
  const secret = read(file) ?? createAndRead(file)
  if (secret) return secret
  throw new ConfigError([`${file} is a broken link: remove it, and a new file is created`])
}

function read(file: string): string | undefined {
  try {
    const secret = readTextFile(file).trim()
    if (secret.length >= 32) return secret
    throw new ConfigError([
      `${file} has ${secret.length} characters, it needs 32 or more: remove it, and a new one is created`
    ])
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    if (error instanceof ConfigError) throw error
    throw new ConfigError([`${file} cannot be read: ${error instanceof Error ? error.message : error}`])
  }
}

/**
 * Atomic, and never overwrites: of two processes that start at once, one's secret is stored and both use it.
 */
function createAndRead(file: string): string | undefined {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${generate()}\n`, { mode: 0o600 })
  try {
    linkSync(draft, file)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    rmSync(draft)
  }
  return read(file)
}

function generate(): string {
  return randomBytes(32).toString('hex')
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
