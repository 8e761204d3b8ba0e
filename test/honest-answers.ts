import { createHash } from 'node:crypto'
import type { Test } from 'tap'
import type { Visitor } from './build.ts'

/**
 * Asks for the dashboard of somebody signed in, again and again until it is over. Every answer comes within a
 * second and is the page or, where storage cannot answer, a 503 that leaves the cookie alone.
 * @returns how many there were of each
 */
export async function answersUntil(t: Test, visitor: Visitor, isOver: () => boolean) {
  const counts = { pages: 0, refused: 0 }
  let slowest = 0
  while (!isOver()) {
    const startedAt = performance.now()
    const { statusCode, headers, cookies, body } = await visitor.get('/dashboard')
    slowest = Math.max(slowest, performance.now() - startedAt)
    if (statusCode === 200 && body.includes('alice')) counts.pages++
    else if (statusCode === 503 && headers['retry-after'] === '5' && cookies.length === 0) counts.refused++
    else t.fail('neither the page nor an honest error', { statusCode, headers, body })
    await new Promise(setImmediate)
  }
  t.ok(
    slowest < 1000,
    `the slowest of ${counts.pages} pages and ${counts.refused} refusals took ${slowest} ms`
  )
  return counts
}

/** Where a visitor's session lies in Redis. */
export function redisKeyOf({ cookies }: Visitor): string {
  const [, id = ''] = /^s:(.+)\./.exec(cookies.latchkey ?? '') ?? []
  return `sess:${createHash('sha256').update(id).digest('base64url')}`
}
