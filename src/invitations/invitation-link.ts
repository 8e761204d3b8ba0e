import { hash, randomBytes } from 'node:crypto'

/** How long the link of an invitation, or of a registration, can be used. */
export const invitationMilliseconds = 72 * 60 * 60 * 1000

export interface InvitationLink {
  readonly token: string
  /** What is stored of it. */
  readonly hash: string
  readonly createdAt: number
  readonly expiresAt: number
}

export function newInvitationLink(createdAt: number): InvitationLink {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: hashOf(token), createdAt, expiresAt: createdAt + invitationMilliseconds }
}

/** The path of the page, from the root, as in a view. */
export function pathOf(token: string): string {
  return `/invitation?token=${token}`
}

/** A dump of the database contains nothing for an address. */
export function hashOf(token: string): string {
  return hash('sha256', token, 'base64url')
}

export function isToken(token: string | undefined): token is string {
  return token !== undefined && /^[\w-]{43}$/.test(token)
}
