import type { GateVisitor } from '../gate/rules/rule.ts'
import { coversHost } from '../gate/rules/rule-book.ts'
import type { TokenUse } from './tokens.ts'

/** Who asks at the gate by a token: one factor, of which nobody knows when it was proved. */
export function tokenVisitor({ account }: TokenUse): GateVisitor {
  const { name, role, groupKeys } = account
  return { name, role, groupKeys, proves: ({ factors = 1, within }) => factors === 1 && within === undefined }
}

/** Whether a token is good for a host: see hostName. */
export function isGoodFor({ token }: TokenUse, host: string): boolean {
  return token.hosts.some((entry) => coversHost(entry, host))
}

/**
 * @param hosts that are asked for; none is known if it is empty
 * @returns one that a token is not good for, `''` if none is known; undefined: it is good for all of them
 */
export function strangeHost(use: TokenUse, hosts: readonly string[]): string | undefined {
  return hosts.length === 0 ? '' : hosts.find((host) => !isGoodFor(use, host))
}
