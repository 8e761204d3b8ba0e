/**
 * The storage timeout in tests, in milliseconds: no machine is so slow. A test of timeouts, or of storage
 * that does not answer, sets its own.
 */
export const patience = 10_000

/** The same as settings. No request is refused either because the machine gives this process no time. */
export const patientSettings = { STORAGE_PATIENCE: `${patience}ms`, MAX_STALL: '1h' }
