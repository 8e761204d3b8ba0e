import { StorageError } from '../errors/errors.ts'

/** @throws {StorageError} when Redis does not answer; of a write it is unknown whether it was done */
export async function inRedis<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    throw new StorageError('Redis', cause, { mayBeDone: true })
  }
}
