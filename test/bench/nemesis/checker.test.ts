import t from 'tap'
import { check, type Promises } from '../../../bench/nemesis/checker.ts'
import type { Call, Fault, FaultKind, What } from '../../../bench/nemesis/history.ts'

const promises: Promises = {
  seenWithin: (kinds) => (kinds.has('RA') ? 1000 : 500),
  seenAtP99: 10,
  heardWithin: 1500,
  answeredWithin: 10_000,
  unavailableWithin: 1000
}

/** A call of alice's that begins at a time and takes one millisecond. */
function call(what: What, begin: number, more: Partial<Call> = {}): Call {
  return { what, person: 'alice', process: 'one', begin, end: begin + 1, status: 200, ...more }
}

function fault(kind: FaultKind, begin: number, end: number, process?: string): Fault {
  return { kind, name: kind, begin, end, process }
}

function look(cookie: string, begin: number, status: number, more: Partial<Call> = {}): Call {
  return call('look', begin, { cookie, status, id: status === 200 ? 'A' : undefined, ...more })
}

const begun = [
  call('register', 0, { password: 'first', given: 'a1' }),
  call('sign-in', 10, { password: 'first', given: 'b1', id: 'A' })
]
const signedOut = call('sign-out', 30, { cookie: 'a1', status: 204 })
const change = { cookie: 'a1', password: 'first', newPassword: 'second' }
const changed = call('change-password', 30, { ...change, given: 'a2' })
const wrong = { status: 401, code: 'LATCHKEY_WRONG_CREDENTIALS' }
const rolledBack = [fault('RL', 20, 5000)]
const away = [fault('RA', 0, 5000)]

interface Story {
  readonly calls: readonly Call[]
  readonly faults?: readonly Fault[]
  /** The violation; undefined: there is none. */
  readonly found?: RegExp
}

const ended: Record<string, Story> = {
  'a session that is let in until its end': { calls: [look('a1', 20, 200), signedOut, look('a1', 40, 401)] },
  'a request that was begun before the end': { calls: [signedOut, look('a1', 30, 200, { end: 9000 })] },
  'a sign-out, and the session a second later': {
    calls: [signedOut, look('a1', 1030, 200)],
    found: /ended session was let in 999 ms/
  },
  'a sign-out with the cookie before the last': {
    calls: [call('regenerate', 20, { cookie: 'a1', given: 'a2' }), signedOut, look('a2', 1030, 200)],
    found: /ended session/
  },
  'a change with an ended session': {
    calls: [signedOut, call('confirm', 1030, { cookie: 'a1', given: 'a2' })],
    found: /ended session/
  },
  'an ended one that comes back after a rollback': {
    calls: [signedOut, look('a1', 3000, 200)],
    faults: rolledBack,
    found: /ended session/
  },
  'one that Redis had lost before it was ended, and took on again': {
    calls: [signedOut, look('a1', 3000, 200)],
    faults: [fault('RL', 20, 25), fault('RL', 1000, 5000)]
  },
  'one within its second while Redis is away': { calls: [signedOut, look('a1', 930, 200)], faults: away },
  'all others ended, and one of them': {
    calls: [call('end-others', 30, { cookie: 'a1' }), look('b1', 1030, 200)],
    found: /ended session/
  },
  'all others ended, and the one that asked': {
    calls: [call('end-others', 30, { cookie: 'a1' }), look('a1', 1030, 200)]
  },
  'all ended, and one that began at the same time': {
    calls: [
      call('sign-in', 29, { given: 'c1', password: 'first', end: 60 }),
      call('end-all', 30, { cookie: 'a1' }),
      look('c1', 1030, 200)
    ]
  },
  'one ended by another': {
    calls: [call('end-one', 30, { cookie: 'a1', target: 'b1', status: 204 }), look('b1', 1030, 200)],
    found: /ended session/
  },
  'two of a hundred endings seen a little late': {
    calls: Array.from({ length: 100 }, (_, count) => [
      call('sign-in', 100 + count, { given: `x${count}`, password: 'first' }),
      call('sign-out', 300, { cookie: `x${count}`, status: 204 }),
      look(`x${count}`, 350, count < 2 ? 200 : 401)
    ]).flat(),
    found: /99 of 100/
  }
}

const replaced: Record<string, Story> = {
  'a superseded cookie': {
    calls: [call('confirm', 30, { cookie: 'a1', given: 'a2' }), look('a1', 1030, 200)],
    found: /superseded/
  },
  'a superseded cookie after a rollback': {
    calls: [call('regenerate', 30, { cookie: 'a1', given: 'a2' }), look('a1', 1030, 200)],
    faults: rolledBack
  },
  'the cookie from before a password change, after a rollback': {
    calls: [changed, look('a1', 1030, 200)],
    faults: rolledBack,
    found: /superseded/
  },
  'a session that nobody ended': { calls: [look('a1', 30, 401)], found: /nobody ended/ },
  'a session that Redis has lost': { calls: [look('a1', 30, 401)], faults: rolledBack },
  'a sign-out that was not answered': {
    calls: [call('sign-out', 20, { cookie: 'a1', status: 0, failure: 'reset' }), look('a1', 30, 401)],
    faults: [fault('PC', 0, 5000, 'one')]
  },
  'a regenerate that was not answered': {
    calls: [call('regenerate', 20, { cookie: 'a1', status: 503 }), look('a1', 30, 401)],
    faults: away
  },
  'a refused ending': {
    calls: [call('end-all', 20, { cookie: 'a1', status: 401 }), look('a1', 30, 401)],
    found: /nobody ended/
  }
}

const people: Record<string, Story> = {
  'somebody else’s name': { calls: [look('a1', 30, 200, { name: 'bob' })], found: /let in as bob/ },
  'another account in one session': {
    calls: [look('b1', 30, 200, { id: 'B' })],
    found: /passes to another account/
  },
  'one account of two people': {
    calls: [call('sign-in', 30, { person: 'bob', given: 'z1', id: 'A', status: 200 })],
    found: /Two people|password works/
  },
  'the old password after a change': {
    calls: [changed, call('sign-in', 40, { password: 'first', given: 'c1' })],
    found: /password works that is not/
  },
  'a new password that does not work': {
    calls: [changed, call('sign-in', 40, { password: 'second', ...wrong })],
    found: /acknowledged does not work/
  },
  'either password after a change that was not answered': {
    calls: [
      call('change-password', 30, { ...change, status: 503 }),
      call('sign-in', 40, { password: 'second', ...wrong }),
      call('sign-in', 50, { password: 'first', ...wrong }),
      call('sign-in', 60, { password: 'second', given: 'c1' })
    ],
    faults: [fault('DA', 0, 5000)]
  },
  'a change that was refused and done': {
    calls: [
      call('change-password', 30, { ...change, status: 401 }),
      call('sign-in', 40, { password: 'first', ...wrong })
    ],
    found: /acknowledged does not work/
  },
  'a removed account that signs in': {
    calls: [call('remove', 30, { cookie: 'a1' }), call('sign-in', 40, { password: 'first', given: 'c1' })],
    found: /password works that is not/
  }
}

const held = { cookie: 'a1', status: 200, code: 'LATCHKEY_SESSION_ENDED' }

const connections: Record<string, Story> = {
  'an open connection that hears of the end at once': {
    calls: [signedOut, call('hold', 20, { ...held, end: 40 })]
  },
  'an open connection that hears of the end late': {
    calls: [signedOut, call('hold', 20, { ...held, end: 2000 })],
    found: /heard of the end after/
  },
  'an open connection that hears of no end': {
    calls: [
      signedOut,
      call('hold', 20, { ...held, end: 20_020, status: 0, failure: 'none', code: undefined })
    ],
    found: /heard of the end after/
  },
  'an open connection that hears of an end that was none': {
    calls: [call('hold', 20, { ...held, end: 40 })],
    found: /an end that was none/
  }
}

const answers: Record<string, Story> = {
  'an internal error': { calls: [look('a1', 30, 500)], found: /answer is 500/ },
  'no answer of a process that runs': { calls: [look('a1', 30, 0)], found: /No answer/ },
  'no answer while another process is killed': {
    calls: [look('a1', 30, 0)],
    faults: [fault('PC', 0, 100, 'two')],
    found: /No answer/
  },
  'no answer of one that is killed': { calls: [look('a1', 30, 0)], faults: [fault('PC', 0, 100, 'one')] },
  '503 without a reason': { calls: [look('a1', 30, 503)], found: /503 .* in reach/ },
  '503 too late': { calls: [look('a1', 30, 503, { end: 1100 })], faults: away, found: /503 after 1070 ms/ },
  '503 in time': { calls: [look('a1', 30, 503, { end: 900 })], faults: away },
  'an answer after eleven seconds': { calls: [look('a1', 30, 200, { end: 11_030 })], found: /after 11000 ms/ }
}

for (const [title, story] of Object.entries({
  ...ended,
  ...replaced,
  ...people,
  ...connections,
  ...answers
})) {
  const { calls, faults = [], found } = story
  t.test(`${title}: ${found ? 'a violation' : 'as promised'}`, async (t) => {
    const { violations } = check({ calls: [...begun, ...calls], faults, crashes: [] }, promises)
    if (!found) return t.same(violations, [])
    t.ok(violations.length > 0, 'found')
    for (const { what } of violations) t.match(what, found)
  })
}

t.test('a process that ends by itself is a violation', async (t) => {
  const crashes = [{ process: 'one', at: 3, output: 'out of memory' }]
  const { violations } = check({ calls: [], faults: [], crashes }, promises)
  t.match(violations, [{ what: /one ended by itself: out of memory/ }])
})
