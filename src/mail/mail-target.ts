import { dirname, join } from 'node:path'
import type { DatabaseAddress } from '../database/database-address.ts'
import { ConfigError } from '../errors/errors.ts'
import { isLoopback, type MailUrl } from './mail-url.ts'

/** Why there is no mail. */
export type OffReason = 'unset' | 'off' | 'no-key' | 'no-package'

/** Where mail goes, after all settings. */
export type MailTarget =
  | Exclude<MailUrl, { kind: 'off' }>
  | { readonly kind: 'off'; readonly because: OffReason }

export interface TargetSettings {
  readonly mailUrl: MailUrl | undefined
  readonly publicUrl: URL | undefined
  readonly database: DatabaseAddress
}

export interface TargetNeeds {
  /** Whether PUBLIC_URL that is not set means localhost: in an app of somebody else it may be anywhere. */
  readonly isOwnServer: boolean
  /** Whether there is a key that seals what waits. */
  readonly hasKey: boolean
}

/**
 * By default files where people try it out, and no mail elsewhere.
 * @throws {ConfigError} when MAIL_URL is set and the package that sends mail is not installed
 */
export function mailTarget(
  { mailUrl, publicUrl, database }: TargetSettings,
  { isOwnServer, hasKey }: TargetNeeds
): MailTarget {
  if (mailUrl?.kind === 'off') return { kind: 'off', because: 'off' }
  if (mailUrl) {
    if (!isInstalled()) throw new ConfigError([needsPackage])
    return mailUrl
  }
  const isLocal = publicUrl ? isLoopback(publicUrl.hostname) : isOwnServer
  if (!isLocal) return { kind: 'off', because: 'unset' }
  if (!hasKey) return { kind: 'off', because: 'no-key' }
  if (!isInstalled()) return { kind: 'off', because: 'no-package' }
  return { kind: 'files', folder: join(dataFolder(database), 'mail') }
}

const needsPackage = 'MAIL_URL is set, which needs the package nodemailer: type "npm install nodemailer"'

/** Without loading it. */
function isInstalled(): boolean {
  try {
    return import.meta.resolve('nodemailer') !== ''
  } catch {
    return false
  }
}

function dataFolder(database: DatabaseAddress): string {
  return database.kind === 'sqlite' && database.file !== ':memory:' ? dirname(database.file) : 'data'
}

/** Where mail is written instead of being sent; null: it is sent, or there is none. */
export function folderOf(target: MailTarget): string | null {
  return target.kind === 'files' ? target.folder : null
}

/** What the start says of it; undefined: nothing. */
export function mailNote(target: MailTarget): string | undefined {
  if (target.kind === 'files') return `Mail is written into files in ${target.folder}.`
  if (target.kind === 'off') return offNotes[target.because]
  return undefined
}

/** What is missing, and what to do, after the name of a setting that needs mail. */
export const missingFor: Record<OffReason, string> = {
  off: 'MAIL_URL is off: set the address of a mail server',
  unset: 'MAIL_URL is not set: set the address of a mail server',
  'no-key': 'DATA_KEYS is not set, which mail needs: make one with "openssl rand -hex 32"',
  'no-package': 'the package nodemailer is not installed: type "npm install nodemailer"'
}

const offNotes: Record<OffReason, string | undefined> = {
  off: undefined,
  unset:
    'MAIL_URL is not set, so there is no mail: nobody can ask for a new password, and nobody is told what happens to an account.',
  'no-key': 'DATA_KEYS is not set, so there is no mail: make one with "openssl rand -hex 32".',
  'no-package': 'The package nodemailer is not installed, so there is no mail: type "npm install nodemailer".'
}
