import { availableParallelism } from 'node:os'

/**
 * As many threads as there are cores, at least two: passwords are hashed on all but one (see readConfig). It
 * counts only before Node has its first use for them, and whoever starts the service may have set it.
 */
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(2, availableParallelism()))
