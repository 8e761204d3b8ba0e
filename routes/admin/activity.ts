import { Readable } from 'node:stream'
import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { auditFilters, querystring } from '../../plugins/admin/audit-filters.ts'
import { objectSchema } from '../../src/api/object-schema.ts'
import type { AuditEntry } from '../../src/audit/audit-event.ts'
import { type AuditFilter, auditCursorPattern, auditRecord } from '../../src/audit/audit-filter.ts'
import type { TextKey } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'
import { printableJson } from '../../src/primitives/visible-text.ts'
import { words } from '../account/activity.ts'

const perPage = 25
const cursor = { type: 'string', pattern: auditCursorPattern.source } as const

/** What happened to all accounts: a page of it, and all of it as JSON lines. */
const activity: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { audit } = app[services]
  const { filterIn, shownIn } = auditFilters(app)
  const pageQuery = {
    ...querystring,
    ...objectSchema({}, { ...querystring.properties, before: cursor, after: cursor })
  }

  app.get('/activity', { schema: { querystring: pageQuery } }, async (request, reply) => {
    const { before, after, ...asked } = request.query
    const page = await audit.page(await filterIn(asked), { before, after, limit: perPage })
    const { entries, next = null, previous = null } = page
    if (!request.acceptsHtml) return { events: entries.map(auditRecord), next, previous }
    const events = entries.map(shownEvent)
    const kinds = Object.entries(words).map(([event, text]) => ({ event, text }))
    return reply.page('admin/activity', {
      ...{ isWide: true, section: 'activity', events, kinds, ...shownIn(asked) },
      ...{ isLater: before !== undefined || previous !== null, next, previous }
    })
  })

  app.get('/activity/export', { schema: { querystring } }, async (request, reply) => {
    const filter = await filterIn(request.query)
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const lines = Readable.from(linesOf(filter, gone.signal))
    reply.header('content-disposition', 'attachment; filename="activity.jsonl"')
    return reply.type('application/jsonl; charset=utf-8').send(lines)
  })

  /** Read as the client takes them, and no further once it has gone. */
  async function* linesOf(filter: AuditFilter, gone: AbortSignal) {
    for await (const { entry } of audit.search(filter, gone)) yield `${printableJson(auditRecord(entry))}\n`
  }
}

/** As views/parts/event.eta shows it. */
export function shownEvent(entry: AuditEntry) {
  return { ...entry, what: words[entry.event], who: whoIn(entry) }
}

/** Who did it: an administrator, the command, this site by itself, or the person or visitor concerned. */
function whoIn({ event, by, name }: AuditEntry): 'account' | TextKey {
  if (by) return by.kind === 'account' ? 'account' : 'admin.activity.command'
  if (event === 'session-evict') return 'admin.activity.system'
  return name === undefined ? 'admin.activity.visitor' : 'admin.activity.themselves'
}

export default activity
