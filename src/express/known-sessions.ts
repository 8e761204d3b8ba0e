import { isSameCookie } from '../sessions/cookie/session-cookie.ts'
import type { LoadedSession } from '../sessions/sessions.ts'
import { CookieTickets, type CookieTicketsOptions } from './cookie-tickets.ts'
import { KnownSession } from './known-session.ts'
import type { LatchkeyStore } from './latchkey-store.ts'
import type { Request } from './middleware.ts'
import { textOf } from './session-text.ts'

/** The sessions that are in the process already, where reading one leaves nothing to do. */
export class KnownSessions {
  readonly #store: LatchkeyStore
  readonly #tickets: CookieTickets
  /** What they hold, as text; null: express-session has something to do for each request. */
  readonly #texts = new WeakMap<LoadedSession, string | null>()

  constructor(store: LatchkeyStore, cookie: CookieTicketsOptions) {
    this.#store = store
    this.#tickets = new CookieTickets(cookie)
  }

  /** @returns undefined where express-session has to look at the request, whatever the reason */
  of(request: Request): KnownSession | undefined {
    const id = this.#tickets.idIn(request.headers.cookie)
    const loaded = id && this.#store.peek(id)
    if (!loaded) return undefined
    const text = this.#textOf(loaded, id)
    return text === null ? undefined : new KnownSession({ request, store: this.#store, id, loaded, text })
  }

  #textOf(loaded: LoadedSession, id: string): string | null {
    const known = this.#texts.get(loaded)
    if (known !== undefined) return known
    const text = this.#isSettled(loaded, id) ? (textOf(loaded.record) ?? null) : null
    this.#texts.set(loaded, text)
    return text
  }

  /** Whether its cookie is stored as this application has it: else it is about to be. */
  #isSettled(loaded: LoadedSession, id: string): boolean {
    const { cookie: before } = loaded.record
    if (!before) return false
    const { cookie } = this.#store.open(Object({ sessionID: id, sessionStore: this.#store }), loaded)
    return isSameCookie(before, cookie)
  }
}
