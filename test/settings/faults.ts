import type { Test } from 'tap'
import { ConfigError } from '../../src/errors/errors.ts'
import { readConfig } from '../../src/settings/config.ts'
import type { Environment } from '../../src/settings/environment.ts'

export function faultsOf(environment: Environment): readonly string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

/** Each value is refused with one sentence that has the setting, the value and the rule. */
export function refuses(t: Test, name: string, values: string[], rule: string) {
  for (const value of values) {
    t.same(faultsOf({ [name]: value }), [`${name} is "${value}", it must be ${rule}`], `${name}=${value}`)
  }
}
