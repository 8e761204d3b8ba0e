import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { offeredActions } from '../../plugins/admin/offered.ts'
import { looking } from '../../plugins/auth/options.ts'
import type { Person } from '../../src/administration/people.ts'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import { services } from '../../src/open-services.ts'
import { cursorPattern } from '../../src/sessions/session-store.ts'
import { describe, ownHandle } from '../account/end-sessions.ts'
import { shownEvent } from './activity.ts'

const params = objectSchema({ id: string })
const cursor = { type: 'string', pattern: cursorPattern.source } as const
const querystring = objectSchema({}, { after: cursor, before: cursor })

/** One person, and what can be done for them. */
const person: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { groups, mail, people, sessions } = app[services]

  app.get('/people/:id', { schema: { params, querystring } }, async (request, reply) => {
    const own = await request.requireUser(looking)
    const { after, before } = request.query
    const found = await people.find(request.params.id, { after, before })
    if (!found) return reply.callNotFound()
    const shown = { ...found, factors: factorsIn(found) }
    if (!request.acceptsHtml) return shown
    const isOwn = found.account.id === own.id
    const here = ownHandle(request, sessions)
    const listed = found.sessions.sessions.map((one) => describe({ ...one, isThis: one.handle === here }))
    const others = (await groups.list()).filter(({ name }) => !found.groups.includes(name))
    return reply.page('admin/person', {
      ...{ title: found.account.name, isWide: true, section: 'people', isOwn },
      ...{ ...shown, sessions: { ...found.sessions, sessions: listed }, mayJoin: others.length > 0 },
      ...{
        activity: found.activity.map(shownEvent),
        actions: offeredActions({ person: found, own: own.id, isMailOn: mail.isOn })
      }
    })
  })
}

/** Without keys, which are nobody else's business. */
function factorsIn({ factors: { codes, passkeys, recoveryCodes } }: Person) {
  const named = passkeys.map(({ name, createdAt, usedAt, isBackedUp }) => ({
    name,
    createdAt,
    usedAt,
    isBackedUp
  }))
  return { codes: codes ?? null, passkeys: named, recoveryCodes }
}

export default person
