import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

const program = join(import.meta.dirname, '../../bench/count-functions.ts')

/** What bench/count-functions.ts counts. Three more are a reason to look; then change the number here. */
const most = {
  'GET /dashboard': { all: 70, sessions: 14 },
  'POST /login': { all: 259, sessions: 58 }
}

t.test('a signed-in page and a sign-in pass no more functions than they need', async (t) => {
  // Its own coverage, not that of the tests.
  const { NODE_V8_COVERAGE: _, ...env } = process.env
  const counted = JSON.parse(execFileSync(process.execPath, [program, '--json'], { env, encoding: 'utf8' }))
  for (const [request, { all, sessions }] of Object.entries(most)) {
    const { passed, ofSessions } = counted[request]
    t.ok(passed <= all, `${request}: ${passed} functions, at most ${all}`)
    t.ok(ofSessions <= sessions, `${request}: ${ofSessions} of the session's own, at most ${sessions}`)
    t.ok(ofSessions > 5, `${request}: it counts`)
  }
})
