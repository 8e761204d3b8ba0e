import { SignInRequiredError } from '../errors/errors.ts'
import { ownerKeyOf } from '../identity/owner-key.ts'
import { type Carrier, snapshotKey } from '../sessions/object/snapshot.ts'
import { responseOf } from './response.ts'
import { LatchkeyStore } from './store/latchkey-store.ts'
import type { Request } from './strict/middleware.ts'

const signals = new WeakMap<object, AbortSignal>()

/**
 * A signal that aborts within a second of the end of the request's session, however and wherever it ended: for
 * connections that stay open, such as WebSockets, after the session middleware has run. At once if nobody is signed
 * in. Its `reason` has a `code`: LATCHKEY_SESSION_ENDED, LATCHKEY_SESSION_EXPIRED, LATCHKEY_SESSION_UNKNOWN (the store
 * did not answer for five seconds) or LATCHKEY_SIGN_IN_REQUIRED (nobody).
 *
 * An open connection is no use of the session. After it is closed the signal does not abort any more.
 * @throws {TypeError} when the session is not in Latchkey's store
 */
export function signedIn(req: Request): AbortSignal {
  const signal = signals.get(req) ?? watch(req)
  signals.set(req, signal)
  return signal
}

function watch(req: Request): AbortSignal {
  const { session, sessionID, sessionStore: store } = req
  if (!(store instanceof LatchkeyStore)) throw new TypeError('signedIn() needs Latchkey’s store of sessions')
  const { [snapshotKey]: snapshot }: Carrier = Object(session)
  const owner = snapshot && ownerKeyOf(snapshot.record())
  const { opened: sessions } = store
  if (owner === undefined || !sessions) return AbortSignal.abort(new SignInRequiredError())
  const { signal, stop } = sessions.signals.watch(sessions.addressOf(sessionID).key, owner)
  onceClosed(req, stop)
  return signal
}

/** A response may end long before its connection; a WebSocket has no response, or one that is never sent. */
function onceClosed(req: Request, done: () => void): void {
  const { socket } = req
  const response = responseOf(req)
  const closed = () => {
    socket.off('close', closed)
    response?.off('close', closed)
    done()
  }
  if (socket.destroyed || response?.closed) done()
  else {
    socket.once('close', closed)
    response?.once('close', closed)
  }
}
