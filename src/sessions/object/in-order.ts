const lastSave = Symbol('last save')

/**
 * Runs the saves of one session object one after another: what the second does depends on the first. Saves of other
 * objects, also of the same session, need no order: the store compares and sets.
 */
export function inOrder<T>(session: object, save: () => Promise<T>): Promise<T> {
  const last: Promise<unknown> | undefined = Reflect.get(session, lastSave)
  const saving = last ? last.then(save, save) : save()
  Object.defineProperty(session, lastSave, { value: saving, configurable: true, writable: true })
  return saving
}
