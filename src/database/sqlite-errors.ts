import { StorageError } from '../errors.ts'

/** Runs one step of the embedded database; whatever goes wrong in it is a StorageError. */
export function orStorageError<T>(step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw new StorageError('The embedded database', cause)
  }
}
