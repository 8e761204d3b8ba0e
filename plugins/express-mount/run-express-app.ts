import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Request } from '../../src/express/strict/middleware.ts'
import { services } from '../../src/open-services.ts'
import { isPersisted, toRecord } from '../../src/sessions/object/snapshot.ts'
import { stamp, stampOf } from '../../src/sessions/object/stamps.ts'
import { isReservedField, type SessionRecord } from '../../src/sessions/session-record.ts'
import { openSession } from '../session/opened-session.ts'

/**
 * Takes the session back when an Express app passes a request on. From now on it is `request.session`, and
 * the changes of both are saved once.
 */
export async function runExpressApp(
  app: FastifyInstance,
  request: FastifyRequest,
  raw: Request
): Promise<void> {
  const { session, sessionID: id } = raw
  const wasUnset = 'session' in raw
  // So that express-session has nothing to save and sets no cookie.
  Object.assign(raw, { session: undefined, sessionID: undefined })
  const { sentCookie } = request
  if (!session) {
    // `req.session = null` keeps the stored session; `destroy` deletes the property.
    if (!wasUnset) request.sentCookie = sentCookie && { ...sentCookie, session: undefined }
  } else if (sentCookie?.session && sentCookie.token.id === id)
    change(request, sentCookie.session.record, toRecord(session))
  else await begin(app, request, { id, session })
}

function change(request: FastifyRequest, before: Readonly<SessionRecord>, after: SessionRecord): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (
      key === 'cookie' ||
      isReservedField(key) ||
      JSON.stringify(before[key]) === JSON.stringify(after[key])
    )
      continue
    if (Object.hasOwn(after, key)) Reflect.set(request.session, key, after[key])
    else Reflect.deleteProperty(request.session, key)
  }
}

/** The Express app started a session or regenerated it; the browser does not know its id yet. */
async function begin(
  app: FastifyInstance,
  request: FastifyRequest,
  { id, session }: { readonly id: string; readonly session: object }
) {
  const { sessions } = app[services]
  const { cookie, ...data } = toRecord(session)
  if (request.sentCookie) request.sentCookie = { ...request.sentCookie, session: undefined }
  if (isPersisted(session)) {
    const loaded = await sessions.find(id)
    if (loaded) openSession(request, { id, session: loaded })
    if (loaded) change(request, loaded.record, toRecord(session))
    return
  }
  if (Object.keys(data).length === 0) return
  const age = cookie.originalMaxAge ? { maxAge: cookie.originalMaxAge } : {}
  await new Promise<void>((resolve, reject) => {
    app.decryptSession('', request, age, (error) => (error ? reject(error) : resolve()))
  })
  Object.assign(request.session, data)
  stamp(request.session, stampOf(session))
}
