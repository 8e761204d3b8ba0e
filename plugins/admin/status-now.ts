import type { FastifyInstance } from 'fastify'
import { SignInCounts } from '../../src/audit/sign-in-counts.ts'
import { folderOf } from '../../src/mail/mail-target.ts'
import { services } from '../../src/open-services.ts'
import { version } from '../../src/primitives/version.ts'
import { storesCheck } from '../../src/server/health.ts'

/** @returns what tells how the service is doing, for the page and the API */
export function statusNow(app: FastifyInstance) {
  const { audit, config, mail, sessions, warnings } = app[services]
  const checkStores = storesCheck(app[services])
  const counts = new SignInCounts(audit)

  return async () => {
    const [[database, store], total] = await Promise.all([
      checkStores(),
      sessions.total().catch(() => undefined)
    ])
    return {
      version: version(),
      sessions: total ?? null,
      stores: { accounts: stateOf(database), sessions: stateOf(store) },
      mail: await mailNow(),
      signIns: { day: await counts.lastDay(), month: await counts.lastMonth() },
      warnings: [...warnings],
      settings: [...config.report()]
    }
  }

  async function mailNow() {
    if (!mail.worker) return null
    const { queued, failed } = await mail.count()
    return { queued, failed, isDown: mail.worker.health.isDown, folder: folderOf(mail.target) }
  }
}

function stateOf({ answers, milliseconds }: { readonly answers: boolean; readonly milliseconds: number }) {
  return { answers, milliseconds: Math.max(1, milliseconds) }
}
