import { parseEnv } from 'node:util'
import { ConfigError } from '../errors/errors.ts'
import { isSettingName, type LostSetting, misspeltSettings, settingOf } from './lost-settings.ts'

export interface EnvFile {
  readonly variables: Readonly<NodeJS.Dict<string>>
  /** Lines that set nothing, or less than is written. */
  readonly lost: readonly LostSetting[]
}

/** A quoted value may span several lines. */
const quoted = /=[^\S\n]*(["'`]).*?\1/gs
const comment = /^\s*(#|$)/
const assignment = /^\s*(?:export +)?[\w.-]+\s*=/

/**
 * Parses a `.env` file by Node's rules.
 * @throws {ConfigError} with every line that sets nothing and is neither empty nor a comment: Node would
 * ignore it
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

/** For Node everything before `=` is the name, also in `set PORT=80`. */
function setsSomething(line: string): boolean {
  if (assignment.test(line) || comment.test(line)) return true
  const words = line.split(/\W+/)
  return line.includes('=') && !words.some(isSettingName)
}

interface Written {
  readonly line: number
  readonly name: string
  /** The rest of the line after `=`. */
  readonly rest: string
}

/** Compares each line with Node's result: Node drops what it takes for a comment, and more. */
function cutOff(text: string, variables: EnvFile['variables']): LostSetting[] {
  const written = text.split('\n').flatMap((line, index) => writtenIn(line, index + 1))
  return written
    .filter(({ name, rest }) => !isAllOf(rest, variables[name] ?? ''))
    .map((lost) => ({
      name: settingOf(lost.name),
      why: 'cut off',
      sentence: `${whatIsLost(lost, written)}.`
    }))
}

function writtenIn(text: string, line: number): Written[] {
  const [, name = '', rest = ''] = /^[ \t]*(?:export +)?([A-Z_]+)[ \t]*=(.*)$/.exec(text) ?? []
  return isSettingName(name) ? [{ line, name, rest: rest.trim() }] : []
}

function isAllOf(rest: string, value: string): boolean {
  const [, quote, inside = '', behind = ''] = /^(["'`])(.*?)\1(.*)$/.exec(rest) ?? []
  if (quote)
    return comment.test(behind) && value === (quote === '"' ? inside.replaceAll('\\n', '\n') : inside)
  // The quotes are closed on another line.
  if (/^["'`]/.test(rest)) return value.startsWith(rest.slice(1)) || value === rest
  // A comment has a space before its `#`, or after it if there is nothing else.
  return value === rest.replace(/(^#(?=\s|$)|\s#).*$/, '').trim()
}

function whatIsLost({ line, name, rest }: Written, written: readonly Written[]): string {
  const where = `${name} in line ${line} of .env`
  const again = written.find((other) => other.name === name && other.line > line)
  if (again) return `${where} is set again in line ${again.line}, and only that counts: remove one of them`
  if (/^["'`]/.test(rest)) return `${where} loses the text after its quotes: put all of it in quotes`
  if (rest.includes('#'))
    return `${where} is cut off at the #, which begins a comment: put the value in quotes`
  return `${where} sets nothing, because it is inside quotes that were opened before it: close them`
}
