import t from 'tap'
import { checkHealth, onceASecond, oneAtATime } from '../../src/server/health.ts'

const name = 'The session store'

t.test('a dependency that answers is up', async (t) => {
  t.match(await checkHealth({ name, ping: async () => 'anything', checkWritable: async () => {} }), {
    answers: true,
    sentence: 'The session store answers.',
    milliseconds: Number
  })
})

t.test('a failing dependency is down, with the error for the log', async (t) => {
  const cause = new Error('connect ECONNREFUSED 10.0.0.5:6379')
  const health = await checkHealth({
    name,
    ping: () => Promise.reject(cause),
    checkWritable: async () => t.fail('not asked')
  })
  t.match(health, { answers: false, sentence: 'The session store does not answer.', cause })
})

t.test('a silent dependency is down', async (t) => {
  const health = await checkHealth({ name, ping: () => new Promise(() => {}), checkWritable: async () => {} })
  t.match(health, { answers: false, sentence: 'The session store did not answer within a second.' })
})

t.test('a dependency that answers but takes no writes is down: nobody could sign in', async (t) => {
  const cause = new Error('cannot execute UPDATE in a read-only transaction')
  const health = await checkHealth({ name, ping: async () => {}, checkWritable: () => Promise.reject(cause) })
  t.match(health, { answers: false, sentence: 'The session store takes no writes.', cause })
})

t.test('whoever asks while a check is under way gets its outcome', async (t) => {
  let checks = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const check = oneAtATime(async () => {
    checks += 1
    await promise
    return checks
  })
  const three = [check(), check(), check()]
  resolve()
  t.same(await Promise.all(three), [1, 1, 1])
  t.equal(await check(), 2)
})

t.test('a write that succeeded is not tried again for a second, one that failed is', async (t) => {
  let now = 5000
  let tried = 0
  let isWritable = true
  const check = onceASecond(
    async () => {
      tried += 1
      if (!isWritable) throw new Error('read-only')
    },
    () => now
  )
  for (const after of [0, 0, 999]) {
    now += after
    await check()
  }
  t.equal(tried, 1)
  now += 1
  isWritable = false
  for (let attempt = 0; attempt < 2; attempt += 1) await t.rejects(check())
  t.equal(tried, 3)
  isWritable = true
  await check()
  t.equal(tried, 4)
})
