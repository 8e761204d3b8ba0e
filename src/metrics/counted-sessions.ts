import { LruCache } from '../primitives/lru-cache.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import type { Metrics } from './metrics.ts'

/** Times the store's methods, and counts users' sessions that start and end. */
export function countedSessions(store: SessionStore, metrics: Metrics): SessionStore {
  /** For example trial sessions: ending an anonymous session is not counted. */
  const nobodys = new LruCache<string, string>(1000)
  const timed = metrics.ofStore('sessions', store)
  const counted: Pick<SessionStore, 'create' | 'revoke' | 'revokeOf' | 'revokeSome' | 'revokeEverything'> = {
    async create(key, session) {
      const isNew = await timed.create(key, session)
      if (!isNew) return false
      if (session.owner === undefined) nobodys.set(key, key)
      else metrics.sessionStarted()
      return true
    },
    async revoke(key) {
      const wasThere = await timed.revoke(key)
      if (wasThere && !nobodys.delete(key)) metrics.sessionsEnded('one', 1)
      return wasThere
    },
    async revokeOf(owner, key) {
      const wasThere = await timed.revokeOf(owner, key)
      if (wasThere) metrics.sessionsEnded('one', 1)
      return wasThere
    },
    async revokeSome(owner, except, below) {
      const ended = await timed.revokeSome(owner, except, below)
      metrics.sessionsEnded(except === undefined ? 'all' : 'others', ended.length)
      return ended
    },
    async revokeEverything() {
      const ended = await timed.revokeEverything()
      metrics.sessionsEnded('everybody', ended)
      return ended
    }
  }
  return new Proxy(timed, { get: (target, name) => Reflect.get(counted, name) ?? Reflect.get(target, name) })
}
