import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { blockEventLoop } from '../../block-event-loop.ts'
import { build, secret, Visitor } from '../../build.ts'
import { eventually } from '../../servers/eventually.ts'

/** Blocks the event loop until the process counts as overloaded. */
async function stall(app: FastifyInstance): Promise<void> {
  while (!app.isUnderPressure()) {
    blockEventLoop(1100)
    await new Promise(setImmediate)
  }
}

t.test('under overload requests are refused with Retry-After', async (t) => {
  const app = await build(t, { env: { MAX_STALL: '1s', METRICS_TOKEN: secret } })
  const [program, browser] = [new Visitor(app, 'program'), new Visitor(app, 'browser')]
  await eventually('an answer', async () => (await program.get('/login')).statusCode === 200)

  // It recovers within a moment, perhaps before it was asked.
  const { refused, page, live, metrics } = await eventually('refusals', async () => {
    await stall(app)
    const [refused, page, live, metrics] = await Promise.all([
      program.get('/login'),
      browser.get('/login'),
      program.get('/health/live'),
      program.get('/metrics', { headers: { authorization: `Bearer ${secret}` } })
    ])
    return refused.statusCode !== 200 && page.statusCode !== 200 && { refused, page, live, metrics }
  })
  t.equal(refused.statusCode, 503)
  t.equal(refused.headers['retry-after'], '5')
  t.match(refused.json(), { code: 'LATCHKEY_OVERLOADED' })
  t.match(page.body, 'Try again in a few seconds')
  t.equal(live.statusCode, 200, 'liveness still answers, or the process would be restarted')
  t.equal(metrics.statusCode, 200, 'metrics still answer, or nobody would see why')

  await eventually('an answer', async () => (await program.get('/login')).statusCode === 200)
})
