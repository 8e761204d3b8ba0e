import type { OwnerFields } from '../../identity/owner-key.ts'
import { isOwned } from '../session-record.ts'
import type { Sessions } from '../sessions.ts'
import type { Regeneration } from './regenerations.ts'

/** New session objects whose browsers have the cookie of another session, which is over. */
export class ReplacedSessions {
  readonly #ids = new WeakMap<object, string>()

  /** @param id undefined: none is known */
  note(session: object, id: string | undefined): void {
    if (id !== undefined) this.#ids.set(session, id)
  }

  /** @param wasThere whether there was a stored session before the regenerate */
  follow(session: object, { previousId, session: previous }: Regeneration, wasThere = false): void {
    this.note(session, wasThere ? previousId : this.idOf(previous))
  }

  /** The id in the cookie. */
  idOf(session: object | undefined): string | undefined {
    return session && this.#ids.get(session)
  }

  /** After the session was stored: if somebody has signed in, the id in the cookie is superseded. */
  async supersede(session: OwnerFields, sessions: Sessions | Promise<Sessions>): Promise<void> {
    const id = this.#ids.get(session)
    if (id === undefined || !isOwned(session)) return
    this.#ids.delete(session)
    // The sign-in is done, whether or not a store that fails now can note it.
    await (await sessions).supersede(id).catch(() => {})
  }
}
