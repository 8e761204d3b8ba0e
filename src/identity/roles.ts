/** `admin` manages all accounts. */
export const roles = ['user', 'admin'] as const

export type Role = (typeof roles)[number]

export function isRole(word: unknown): word is Role {
  return roles.some((role) => role === word)
}
