import type { ListedSession, PageRequest, SessionPage } from '../session-store.ts'

/** An entry of a user's list; without a session if that has ended or expired. */
export interface PageEntry {
  readonly cursor: string
  readonly session: Omit<ListedSession, 'cursor'> | undefined
}

/** Reads up to `size` entries after a cursor; fewer mean that there are no more. */
export type ReadPart = (after: string | undefined, size: number) => Promise<readonly PageEntry[]>

/** How much of a list is read at once, so that others do not wait. */
const maxPart = 100
/** How many entries without a session one page may pass. */
const maxPassed = 1000

/**
 * Reads parts of a list until the page is full or nothing is left. A page ends early, with a cursor for the
 * next one, after it has passed very many expired sessions.
 */
export async function fillPage(read: ReadPart, { after, limit }: PageRequest): Promise<SessionPage> {
  const size = Math.min(limit + 1, maxPart)
  const sessions: ListedSession[] = []
  let cursor = after
  for (let passed = 0; passed <= maxPassed; ) {
    const part = await read(cursor, size)
    for (const entry of part) {
      if (entry.session && sessions.length === limit) return { sessions, next: cursor }
      cursor = entry.cursor
      if (entry.session) sessions.push({ ...entry.session, cursor })
      else passed += 1
    }
    if (part.length < size) return { sessions, next: undefined }
  }
  return { sessions, next: cursor }
}
