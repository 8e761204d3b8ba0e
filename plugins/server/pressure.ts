import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { OverloadedError } from '../../src/errors/errors.ts'
import { watchStalls } from '../../src/server/stalls.ts'

/** Near its end the garbage collector takes all the time there is, and then the process ends. */
const fullHeap = 0.95

/** How often @fastify/under-pressure asks whether stalls go on: as often as they are looked for. */
const checkEveryMilliseconds = 100

/**
 * Who comes when the process cannot keep up is told so at once (503 with Retry-After), instead of waiting with
 * everybody else. One stall that is past turns nobody away. A route whose `config` has `pressureHandler: unlimited` is answered all the same.
 */
export default fp(
  async (app) => {
    const { config, metrics } = app.latchkey
    const stalls = watchStalls({ maxStall: config.maxStall, onStall: (seconds) => metrics.stall(seconds) })
    app.addHook('onClose', async () => stalls.stop())
    await app.register(underPressure, {
      healthCheck: async () => !stalls.goesOn,
      healthCheckInterval: checkEveryMilliseconds,
      maxHeapUsedBytes: getHeapStatistics().heap_size_limit * fullHeap,
      pressureHandler: async () => {
        throw new OverloadedError()
      }
    })
  },
  { name: 'latchkey-pressure' }
)

export function letThrough(): void {}
