/**
 * How long tests wait for an answer of their storage, in milliseconds: no machine is so late. Where patience itself is
 * tested, and where storage does not answer at all, a test says how long.
 */
export const patience = 10_000

/** The same as settings. */
export const patientSettings = { STORAGE_PATIENCE: `${patience}ms` }
