import { randomBytes } from 'node:crypto'

/**
 * A new id of a row: 128 random bits as 22 characters of base64url, of which the first is no hyphen, because
 * a command would take such an id for an option.
 */
export function newId(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? newId() : id
}
