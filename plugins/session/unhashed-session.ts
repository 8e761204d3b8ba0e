import { type Carrier, contentOf, Snapshot, snapshotKey } from '../../src/sessions/object/snapshot.ts'

/** Nothing equals it. */
const changed = Symbol('changed')
const done = new WeakSet<object>()

/**
 * The one thing of @fastify/session that is changed here, for speed alone: it hashes the text of a session when it is
 * loaded, so that `isModified()` can compare. A session of ours carries what it was loaded as, and stands for its hash
 * itself: that spares a request which touches `request.session` 5 µs of 20. Sessions of other stores in this process,
 * and new ones, are hashed as before. Without this everything works the same.
 * @param session one that @fastify/session made
 * @returns false, and nothing is changed, where a version of the package keeps its hash elsewhere
 */
export function skipHashing(session: object): boolean {
  const prototype = Object.getPrototypeOf(session)
  const [hash, persisted] = [symbolOf(prototype, 'hash'), symbolOf(session, 'persistedHash')]
  if (!hash || !persisted) return false
  if (done.has(prototype)) return true
  done.add(prototype)
  const original = prototype[hash]
  prototype[hash] = function (this: Carrier) {
    const { [snapshotKey]: stored } = this
    const before = Reflect.get(this, persisted)
    if (!stored || !(before === undefined || before instanceof Snapshot)) return original.call(this)
    return before === undefined || isAsStored(this, stored) ? stored : changed
  }
  return true
}

/** What JSON has no form for is a change: saving it says so. */
function isAsStored(session: Carrier, stored: Snapshot): boolean {
  try {
    return stored.content() === contentOf(session)
  } catch {
    return false
  }
}

function symbolOf(owner: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(owner).find((symbol) => symbol.description === description)
}
