import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { OverloadedError } from '../../src/errors.ts'

/** Near its end the garbage collector takes all the time there is, and then the process ends. */
const fullHeap = 0.95

/**
 * Who comes when the process cannot keep up is told so at once (503 with Retry-After), instead of waiting with
 * everybody else. A route whose `config` has `pressureHandler: letThrough` is answered all the same.
 */
export default fp(
  async (app) => {
    const { longestStall } = app.latchkey.config
    await app.register(underPressure, {
      maxEventLoopDelay: longestStall,
      // As long as that: a shorter one would take a process that slept for a moment for a busy one.
      sampleInterval: longestStall,
      maxHeapUsedBytes: getHeapStatistics().heap_size_limit * fullHeap,
      pressureHandler: async () => {
        throw new OverloadedError()
      }
    })
  },
  { name: 'latchkey-pressure' }
)

export function letThrough(): void {}
