import type { NewEnding } from './ending.ts'
import { newNonce } from './ending.ts'
import type { Claim } from './judge.ts'

export interface SessionReader {
  /** What a session says of itself. */
  claimOf(key: string, text: string): Claim
  /** When it ends however it is used: milliseconds since 1970. */
  endOf(text: string): number
}

type SessionEnding = Extract<NewEnding, { kind: 'session' }>

/**
 * The row of a session that was ended; undefined if nobody is signed in, which needs none. Where it has moved to another
 * key, the session itself may come back under the former one: that was perhaps not logged.
 */
export function endingOf(key: string, text: string, reader: SessionReader): SessionEnding | undefined {
  const { owner } = reader.claimOf(key, text)
  if (owner === undefined && !hasMoved(text)) return undefined
  return { kind: 'session', key, owner: owner ?? '', nonce: newNonce(), until: reader.endOf(text) }
}

/** The row of a session that is over as it is: a later generation of it goes on. */
export function endingBelow(key: string, text: string, reader: SessionReader): SessionEnding | undefined {
  const ending = endingOf(key, text, reader)
  return ending && { ...ending, gen: reader.claimOf(key, text).gen + 1 }
}

/** The row of a session that goes on as somebody else's or nobody's, or under another key. */
export function handoverOf(
  key: string,
  { from, to }: { readonly from: string; readonly to: string },
  reader: SessionReader
): NewEnding | undefined {
  const ending = endingOf(key, from, reader)
  // A session that moves may keep its generation. Nothing of that goes on under the former key.
  const own = !hasMoved(to) ? 0 : reader.claimOf(key, from).gen + 1
  return ending && { ...ending, gen: Math.max(own, reader.claimOf(key, to).gen) }
}

function hasMoved(text: string): boolean {
  return JSON.parse(text)?.movedTo !== undefined
}
