import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const document = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8')
const [, line = ''] = /^redis-cli ACL SETUSER latchkey on '>PASSWORD' ((?:.*\\\n)*.*)$/m.exec(document) ?? []
const [, inCluster = ''] = /In a Cluster the user needs `(.+?)`/.exec(document) ?? []
const [, atSentinel = ''] = /one there needs no\s+keys, and\s+`(.+?)`/.exec(document) ?? []

/** Of them those without which the service starts. */
export const optionalRights = [...document.matchAll(/^\| ((?:`[+&][^`]+` ?)+)\|/gm)].flatMap(
  ([, cell = '']) => [...cell.matchAll(/`(.+?)`/g)].map(([, right = '']) => right.replace('\\', ''))
)

/** The rights that docs/deploying.md has for the user of the service, as words of ACL SETUSER. */
export const documentedRights = wordsOf(line)
export const clusterRights = wordsOf(inCluster)
export const sentinelRights = wordsOf(atSentinel)

/** A user `latchkey` with these rights, as options of redis-server. */
export function userWith(rights: readonly string[]): string[] {
  return ['--user', 'latchkey', 'on', '>a-password', ...rights]
}

/** The address for that user. */
export function asUser(url: string): string {
  return url.replace('://', '://latchkey:a-password@')
}

function wordsOf(text: string): string[] {
  return text.split(/[\s\\]+/).map((word) => word.replace(/^'(.*)'$/, '$1'))
}
