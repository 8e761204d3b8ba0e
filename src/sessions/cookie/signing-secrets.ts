import { randomBytes } from 'node:crypto'
import { linkSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DatabaseAddress } from '../../database/database-address.ts'
import { ConfigError } from '../../errors/errors.ts'
import { readTextFile } from '../../primitives/text-file.ts'

export interface SigningSettings {
  /** The first signs cookies, all verify them. Empty: generated and stored beside the embedded database. */
  readonly sessionSecrets: readonly string[]
  readonly database: DatabaseAddress
}

/**
 * The secrets that sign session cookies: SESSION_SECRET, or one generated at the first start and stored in
 * `session.secret` beside the embedded database, readable by its owner only. The first signs, all verify.
 * Call it when the database is open, so that its folder exists.
 */
export function signingSecrets({ sessionSecrets, database }: SigningSettings): readonly string[] {
  if (sessionSecrets.length > 0) return sessionSecrets
  const file = secretFile(database)
  // With PostgreSQL there is no such folder, so readConfig requires the setting.
  return [file === undefined ? generate() : storedSecret(file)]
}

/** The file of a generated secret, which may not exist yet; undefined if there is none. */
export function secretFile(database: DatabaseAddress): string | undefined {
  if (database.kind !== 'sqlite' || database.file === ':memory:') return undefined
  return join(dirname(database.file), 'session.secret')
}

function storedSecret(file: string): string {
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
