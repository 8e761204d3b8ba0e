import t from 'tap'
import { checkHealth } from '../../src/server/health.ts'

const name = 'The session store'

t.test('a dependency that answers is up', async (t) => {
  t.match(await checkHealth({ name, ping: async () => 'anything' }), {
    answers: true,
    sentence: 'The session store answers.',
    milliseconds: Number
  })
})

t.test('a failing dependency is down, with the error for the log', async (t) => {
  const cause = new Error('connect ECONNREFUSED 10.0.0.5:6379')
  const health = await checkHealth({ name, ping: () => Promise.reject(cause) })
  t.match(health, { answers: false, sentence: 'The session store does not answer.', cause })
})

t.test('a silent dependency is down', async (t) => {
  const health = await checkHealth({ name, ping: () => new Promise(() => {}) })
  t.match(health, { answers: false, sentence: 'The session store did not answer within a second.' })
})
