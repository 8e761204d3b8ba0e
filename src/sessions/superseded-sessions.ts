import { ownerKeyOf } from '../identity/owner-key.ts'
import type { Clock } from '../primitives/clock.ts'
import { genOf } from './record-change.ts'
import type { SessionAddress } from './session-keys.ts'
import { isOpenedBy } from './session-record.ts'
import type { SessionStore } from './session-store.ts'
import { recordIn, textOf } from './session-text.ts'

export interface SupersededSessionsOptions {
  readonly store: SessionStore
  readonly now: Clock
}

/** What the browser sent before it had the cookie of the new session has arrived by then. */
const rememberMilliseconds = 60_000

/**
 * Ends sessions whose browsers get another one, as at a sign-in, and leaves under their keys for a minute that it was so:
 * whoever reads such a key, in any process, must not clear or replace the cookie. It is written once for each sign-in,
 * so an account has no more of them than it may sign in a minute.
 */
export class SupersededSessions {
  readonly #store: SessionStore
  readonly #now: Clock

  constructor({ store, now }: SupersededSessionsOptions) {
    this.#store = store
    this.#now = now
  }

  /** See `Sessions.supersede`. */
  async supersede({ key, secret }: SessionAddress): Promise<void> {
    const expiresAt = this.#now() + rememberMilliseconds
    let text = (await this.#store.load(key))?.text
    while (text !== undefined) {
      const record = recordIn(text)
      if (!isOpenedBy(record, secret)) return
      const owner = ownerKeyOf(record)
      const updated = await this.#store.update(key, {
        from: text,
        to: tombstone(genOf(record) + 1),
        ...(owner !== undefined && { ownerChange: { from: owner, to: undefined, expiresAt } })
      })
      // It is over: if the store fails only now, the sign-in must not. Its browser would be left with this cookie.
      if (updated.outcome === 'stored') return this.#store.touch(key, { expiresAt }).catch(() => {})
      text = updated.outcome === 'conflict' ? updated.text : undefined
    }
    await this.#store.create(key, { text: tombstone(0), expiresAt })
  }
}

/** With a cookie: express-session in another program would fail without. */
function tombstone(gen: number): string {
  return textOf({ cookie: { originalMaxAge: null }, movedTo: '', ...(gen > 0 && { gen }) })
}
