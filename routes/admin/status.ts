import type { FastifyInstance } from 'fastify'
import { statusNow } from '../../plugins/admin/status-now.ts'
import type { SignIns } from '../../src/audit/sign-in-counts.ts'
import { barChart } from '../../src/views/bar-chart.ts'

const outcomes = ['succeeded', 'refused', 'throttled'] as const

/** How the service is doing. */
export default async function status(app: FastifyInstance) {
  const now = statusNow(app)

  app.get('/status', async (request, reply) => {
    const shown = await now()
    if (!request.acceptsHtml) return shown
    const { day, month } = shown.signIns
    const charts = { day: chartOf(day), month: chartOf(month) }
    return reply.page('admin/status', { ...shown, charts, isWide: true, section: 'status' })
  })
}

function chartOf(spans: readonly SignIns[]) {
  const sum = (outcome: (typeof outcomes)[number]) => spans.reduce((sum, span) => sum + span[outcome], 0)
  const totals = { succeeded: sum('succeeded'), refused: sum('refused'), throttled: sum('throttled') }
  return { ...barChart(outcomes, spans), spans, totals }
}
