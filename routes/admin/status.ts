import type { FastifyInstance } from 'fastify'
import { SignInCounts, type SignIns } from '../../src/audit/sign-in-counts.ts'
import { folderOf } from '../../src/mail/mail-target.ts'
import { services } from '../../src/open-services.ts'
import { version } from '../../src/primitives/version.ts'
import { storesCheck } from '../../src/server/health.ts'
import { barChart } from '../../src/views/bar-chart.ts'

const outcomes = ['succeeded', 'refused', 'throttled'] as const

/** How the service is doing. */
export default async function status(app: FastifyInstance) {
  const { audit, config, mail, sessions, warnings } = app[services]
  const checkStores = storesCheck(app[services])
  const counts = new SignInCounts(audit)

  app.get('/status', async (request, reply) => {
    const [[database, store], total] = await Promise.all([
      checkStores(),
      sessions.total().catch(() => undefined)
    ])
    const shown = {
      version: version(),
      sessions: total ?? null,
      stores: { accounts: stateOf(database), sessions: stateOf(store) },
      mail: await mailNow(),
      signIns: { day: await counts.lastDay(), month: await counts.lastMonth() },
      warnings,
      settings: config.report()
    }
    if (!request.acceptsHtml) return shown
    const { day, month } = shown.signIns
    const charts = { day: chartOf(day), month: chartOf(month) }
    return reply.page('admin/status', { ...shown, charts, isWide: true, section: 'status' })
  })

  async function mailNow() {
    if (!mail.worker) return null
    const { queued, failed } = await mail.count()
    return { queued, failed, isDown: mail.worker.health.isDown, folder: folderOf(mail.target) }
  }
}

function stateOf({ answers, milliseconds }: { readonly answers: boolean; readonly milliseconds: number }) {
  return { answers, milliseconds: Math.max(1, milliseconds) }
}

function chartOf(spans: readonly SignIns[]) {
  const sum = (outcome: (typeof outcomes)[number]) => spans.reduce((sum, span) => sum + span[outcome], 0)
  const totals = { succeeded: sum('succeeded'), refused: sum('refused'), throttled: sum('throttled') }
  return { ...barChart(outcomes, spans), spans, totals }
}
