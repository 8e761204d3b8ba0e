import { readFileSync } from 'node:fs'
import { ConfigError } from '../errors/errors.ts'
import { parseEnvFile } from './env-file.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where variables come from, what counts before the other first. */
export interface Sources {
  readonly environment: Environment
  /** The file `.env` in the working directory, which need not exist. */
  readonly file: Environment
}

/** @throws {ConfigError} when `.env` cannot be read or has lines that set nothing */
export function readSources(): Sources {
  // Node itself reads this one, and never from a file.
  const { UV_THREADPOOL_SIZE, ...file } = dotEnv()
  return { environment: process.env, file }
}

/** The variables of this process over those in `.env`. @throws {ConfigError} as readSources */
export function readEnvironment(): Environment {
  return merged(readSources())
}

/** The environment wins, but for what is empty there: that is not set, and hides nothing. */
export function merged({ environment, file }: Sources): Environment {
  const fromFile = Object.entries(file).filter(([name]) => !environment[name]?.trim())
  return { ...environment, ...Object.fromEntries(fromFile) }
}

function dotEnv(): Environment {
  try {
    return parseEnvFile(readFileSync('.env', 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    if (error instanceof ConfigError) throw error
    throw new ConfigError([`.env cannot be read: ${error instanceof Error ? error.message : error}`])
  }
}
