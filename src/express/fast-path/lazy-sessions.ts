import type { CipherKey } from 'node:crypto'
import { cookieValues } from '../../sessions/cookie/cookie-header.ts'
import { expressSigner } from '../../sessions/cookie/express-signer.ts'
import { isSameCookie } from '../../sessions/cookie/session-cookie.ts'
import { SessionTokens } from '../../sessions/cookie/session-tokens.ts'
import { copyOf } from '../../sessions/object/serialize.ts'
import type { LoadedSession, Sessions } from '../../sessions/sessions.ts'
import type { LatchkeyStore } from '../store/latchkey-store.ts'
import type { Request } from '../strict/middleware.ts'
import { textOf } from '../strict/session-text.ts'
import { LazySession, makeSession } from './lazy-session.ts'

export interface LazySessionsOptions {
  /** The name of the cookie. */
  readonly name: string
  readonly secrets: readonly CipherKey[]
}

/** The cached sessions for which a read leaves nothing to do. */
export class LazySessions {
  readonly #store: LatchkeyStore
  /** Both are set when the store is open. */
  #sessions: Sessions | undefined
  #tokens: SessionTokens | undefined
  /** What applications see of their data, as text; null: express-session has something to do for each request. */
  readonly #texts = new WeakMap<LoadedSession, string | null>()

  constructor(store: LatchkeyStore, { name, secrets }: LazySessionsOptions) {
    this.#store = store
    const signer = expressSigner(secrets)
    const readValues = (header: string) => cookieValues(header, name, 2)
    store.sessions.then((sessions) => {
      this.#sessions = sessions
      const addressOf = (id: string) => sessions.addressOf(id)
      const tokens = new SessionTokens({ name, signer, readValues, addressOf })
      this.#tokens = tokens
      store.addressOf = (id) => tokens.addressOf(id)
    })
  }

  /** @returns undefined if express-session has to run at once */
  of(request: Request): LazySession | undefined {
    const sent = this.#tokens?.read(request.headers.cookie)
    // If the cookie is not clearly valid, express-session has to decide.
    if (!sent?.id || sent.others.length > 0 || this.#store.isResuming) return undefined
    const { id } = sent
    const loaded = this.#sessions?.peek(sent)
    if (!loaded) return undefined
    const text = this.#textOf(loaded, id)
    return text === null ? undefined : new LazySession({ request, store: this.#store, id, loaded, text })
  }

  #textOf(loaded: LoadedSession, id: string): string | null {
    const known = this.#texts.get(loaded)
    if (known !== undefined) return known
    const text = this.#isSettled(loaded, id) ? (textOf(copyOf(loaded)) ?? null) : null
    this.#texts.set(loaded, text)
    return text
  }

  /** Whether its cookie is stored with this application's attributes; otherwise it is about to be. */
  #isSettled(loaded: LoadedSession, id: string): boolean {
    const { cookie: before } = loaded.record
    if (!before) return false
    const request = Object({ sessionID: id, sessionStore: this.#store })
    return isSameCookie(before, makeSession(this.#store, request, loaded).cookie)
  }
}
