import { parseRedisAddress } from '../redis/address.ts'
import type { Parser } from './setting.ts'

export function wholeNumber(least: number, max: number): Parser<number, number> {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= max) return number
    throw new Error(`is "${text}", it must be a whole number from ${least} to ${max}`)
  }
}

export function oneOf<const Choice extends string>(...choices: Choice[]): Parser<Choice, Choice> {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text)
    if (choice) return choice
    throw new Error(`is "${text}", it must be one of ${choices.join(', ')}`)
  }
}

/** Values separated by commas; the library takes an array as well. */
export function list<Value>(parse: (text: string) => Value): Parser<Value, string | readonly string[]> {
  return parse
}

export function parseRedisUrl(text: string): string | undefined {
  if (text === '') return undefined
  parseRedisAddress(text)
  return text
}

/**
 * 32 characters hold 128 random bits in hex (ASVS 7.2.3); @fastify/session checks the length of a single
 * string only.
 */
export function parseSecrets(text: string): string[] {
  if (text === '') return []
  const secrets = text.split(',').map((secret) => secret.trim())
  const short = secrets.findIndex((secret) => secret.length < 32)
  if (short < 0) return secrets
  const which = secrets.length > 1 ? ` in its ${ordinal(short)} secret` : ''
  throw new Error(
    `has ${secrets[short]?.length} characters${which}, it needs 32 or more: make one with "openssl rand -hex 32"`
  )
}

function ordinal(index: number): string {
  return ['first', 'second', 'third'][index] ?? `${index + 1}th`
}
