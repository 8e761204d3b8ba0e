import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { OverloadedError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'
import { watchStalls } from '../../src/server/stalls.ts'

/** Close to its limit the garbage collector takes all CPU time, then the process crashes. */
const fullHeap = 0.95

/** How often @fastify/under-pressure checks for stalls: as often as they are sampled. */
const checkEveryMilliseconds = 100

/**
 * Load shedding: while the process cannot keep up, requests get 503 with Retry-After at once. A single stall
 * that is over refuses nobody. A route with `pressureHandler: unlimited` in its `config` is always answered.
 */
export default fp(
  async (app) => {
    const { config, metrics } = app[services]
    const stalls = watchStalls({ maxStall: config.maxStall, onStall: (seconds) => metrics?.stall(seconds) })
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
