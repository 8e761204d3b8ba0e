/** What people may do here: `admin` manages the accounts of everybody. */
export const roles = ['user', 'admin'] as const

export type Role = (typeof roles)[number]

export function isRole(word: unknown): word is Role {
  return roles.some((role) => role === word)
}
