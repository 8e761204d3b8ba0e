import { ConfigError } from '../errors/errors.ts'
import { readTextFile } from '../primitives/text-file.ts'
import { type EnvFile, parseEnvFile } from './env-file.ts'
import type { LostSetting } from './lost-settings.ts'
import { secretNames, withSecretFiles } from './secret-files.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Sources of variables, by precedence; with the secrets that are in files. */
export interface Sources {
  readonly environment: Environment
  /** The file `.env` in the working directory, if it exists. */
  readonly file: Environment
  /**
   * What is written in the file and sets nothing, or less than is written, except what the environment sets.
   */
  readonly lost: readonly LostSetting[]
}

/**
 * @param secrets the settings that may be in a file: see withSecretFiles
 * @throws {ConfigError} when `.env` or the file of a secret cannot be read, or `.env` has lines that set nothing
 */
export function readSources(secrets = secretNames): Sources {
  const { variables: written, lost } = dotEnv()
  const environment = withSecretFiles(process.env, secrets)
  const variables = withSecretFiles(written, secrets)
  const { UV_THREADPOOL_SIZE, ...file } = variables
  const isLost = ({ name, why }: LostSetting) => why === 'misspelt' || !environment[name]?.trim()
  return { environment, file, lost: [...lost.filter(isLost), ...(UV_THREADPOOL_SIZE ? [notFromFile] : [])] }
}

const notFromFile: LostSetting = {
  name: 'UV_THREADPOOL_SIZE',
  why: 'cut off',
  sentence: 'UV_THREADPOOL_SIZE in .env has no effect: only Node reads it, and only from the environment.'
}

/** The variables of this process, over those in `.env`. @throws {ConfigError} as readSources */
export function readEnvironment(secrets = secretNames): Environment {
  return merged(readSources(secrets))
}

/** The environment wins, except for empty variables, which count as not set. */
export function merged({ environment, file }: Pick<Sources, 'environment' | 'file'>): Environment {
  const fromFile = Object.entries(file).filter(([name]) => !environment[name]?.trim())
  return { ...environment, ...Object.fromEntries(fromFile) }
}

function dotEnv(): EnvFile {
  try {
    return parseEnvFile(readTextFile('.env'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { variables: {}, lost: [] }
    if (error instanceof ConfigError) throw error
    throw new ConfigError([`.env cannot be read: ${error instanceof Error ? error.message : error}`])
  }
}
