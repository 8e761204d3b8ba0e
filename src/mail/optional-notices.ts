import type { Template } from './message.ts'

/**
 * The notices that the operator may turn off, by their names in MAIL_NOTICES. No other: whoever takes an account over
 * changes its password, its address or its factors.
 */
const optional = {
  'sign-ins': ['sign-in'],
  administration: ['role-changed', 'account-disabled', 'account-enabled', 'account-administered']
} as const satisfies Readonly<Record<string, readonly Template[]>>

export type OptionalNotices = keyof typeof optional

const all = Object.keys(optional) as OptionalNotices[]

/**
 * @param value names, separated by commas, or `required` for none of them
 * @throws {Error} with a message that completes a sentence starting with the name of the setting
 */
export function parseMailNotices(value: string): readonly OptionalNotices[] {
  const names = value.split(',').map((name) => name.trim())
  if (value === 'required') return []
  return names.map((name) => {
    const known = all.find((each) => each === name)
    if (known) return known
    throw new Error(`has "${name}", it must be ${all.join(', ')}, or required for neither`)
  })
}

/** The notices that are turned off. @param wanted as in MAIL_NOTICES */
export function silencedBy(wanted: readonly OptionalNotices[]): ReadonlySet<Template> {
  return new Set(all.filter((name) => !wanted.includes(name)).flatMap((name) => optional[name]))
}
