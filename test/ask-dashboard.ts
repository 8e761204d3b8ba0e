import { createHash } from 'node:crypto'
import type { Test } from 'tap'
import type { Visitor } from './build.ts'

/**
 * Requests a signed-in user's dashboard again and again until `stop`. Every response must be the page or,
 * while storage is down, a 503 that does not touch the cookie. Counts both.
 */
export function askDashboard(t: Test, visitor: Visitor) {
  const counts = { pages: 0, refused: 0 }
  let isOver = false
  const asking = askOn(t, { visitor, counts, isOver: () => isOver })
  const stop = async () => {
    isOver = true
    await asking
  }
  return { counts, stop }
}

interface Asking {
  readonly visitor: Visitor
  readonly counts: { pages: number; refused: number }
  readonly isOver: () => boolean
}

async function askOn(t: Test, { visitor, counts, isOver }: Asking): Promise<void> {
  while (!isOver()) {
    const { statusCode, headers, cookies, body } = await visitor.get('/dashboard')
    if (statusCode === 200 && body.includes('alice')) counts.pages++
    else if (statusCode === 503 && headers['retry-after'] === '5' && cookies.length === 0) counts.refused++
    else t.fail('neither the page nor an honest error', { statusCode, headers, body })
    await new Promise(setImmediate)
  }
}

/** The key of a visitor's session in Redis: of the public half of its id. */
export function redisKeyOf({ cookies }: Visitor): string {
  const [, id = ''] = /^s:(.+)\./.exec(cookies.latchkey ?? '') ?? []
  return `sess:${createHash('sha256')
    .update(id.split('.')[0] ?? '')
    .digest()
    .subarray(0, 16)
    .toString('base64url')}`
}
