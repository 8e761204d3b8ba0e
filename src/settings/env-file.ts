import { parseEnv } from 'node:util'
import { ConfigError } from '../errors/errors.ts'
import { type LostSetting, misspeltSettings } from './lost-settings.ts'
import { settings } from './settings.ts'

export interface EnvFile {
  readonly variables: Readonly<NodeJS.Dict<string>>
  /** What is written there and sets nothing, or less. */
  readonly lost: readonly LostSetting[]
}

/** A value in quotes may go over several lines. */
const quoted = /=[^\S\n]*(["'`]).*?\1/gs
const comment = /^\s*(#|$)/
const assignment = /^\s*(?:export +)?[\w.-]+\s*=/

/**
 * What a `.env` file sets, by Node's rules.
 * @throws {ConfigError} with every line that sets nothing, is not empty and no comment: Node would pass over it
 */
export function parseEnvFile(text: string): EnvFile {
  const lines = text.replace(quoted, (value) => `=${value.replace(/[^\n]/g, '')}`).split('\n')
  const faults = lines.flatMap((line, index) =>
    setsSomething(line) ? [] : [`line ${index + 1} of .env sets nothing: write NAME=value`]
  )
  if (faults.length > 0) throw new ConfigError(faults)
  const variables = parseEnv(text)
  return { variables, lost: [...cutOff(text, variables), ...misspeltSettings(variables, 'file')] }
}

/** Node takes all before the `=` for a name, which a setting with more beside it is not: `set PORT=80`. */
function setsSomething(line: string): boolean {
  if (assignment.test(line) || comment.test(line)) return true
  const words = line.split(/\W+/)
  return line.includes('=') && !settings.some(({ name }) => words.includes(name))
}

interface Written {
  readonly line: number
  readonly name: string
  /** All that follows the `=` in that line. */
  readonly rest: string
}

/** Compares each line that sets a setting with what Node made of it: it drops what it takes for a comment, and more. */
function cutOff(text: string, variables: EnvFile['variables']): LostSetting[] {
  const written = text.split('\n').flatMap((line, index) => writtenIn(line, index + 1))
  return written
    .filter(({ name, rest }) => !isAllOf(rest, variables[name] ?? ''))
    .map((lost) => ({ name: lost.name, why: 'cut off', sentence: `${whatIsLost(lost, written)}.` }))
}

function writtenIn(text: string, line: number): Written[] {
  const [, name = '', rest = ''] = /^[ \t]*(?:export +)?([A-Z_]+)[ \t]*=(.*)$/.exec(text) ?? []
  return settings.some((setting) => setting.name === name) ? [{ line, name, rest: rest.trim() }] : []
}

function isAllOf(rest: string, value: string): boolean {
  const [, quote, inside = '', behind = ''] = /^(["'`])(.*?)\1(.*)$/.exec(rest) ?? []
  if (quote)
    return comment.test(behind) && value === (quote === '"' ? inside.replaceAll('\\n', '\n') : inside)
  // Quotes that are closed in another line.
  if (/^["'`]/.test(rest)) return value.startsWith(rest.slice(1)) || value === rest
  // A comment has a space before its #, or after it where it is all there is.
  return value === rest.replace(/(^#(?=\s|$)|\s#).*$/, '').trim()
}

function whatIsLost({ line, name, rest }: Written, written: readonly Written[]): string {
  const where = `${name} in line ${line} of .env`
  const again = written.find((other) => other.name === name && other.line > line)
  if (again) return `${where} is set again in line ${again.line}, and only that counts: take one of them out`
  if (/^["'`]/.test(rest)) return `${where} loses what stands behind its quotes: put all of it in quotes`
  if (rest.includes('#'))
    return `${where} is cut off at the #, which begins a comment: put the value in quotes`
  return `${where} sets nothing, because it is inside quotes that begin before it: close them`
}
