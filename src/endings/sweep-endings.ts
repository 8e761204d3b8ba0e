import type { Ledger } from './ledger.ts'

const everyMilliseconds = 60 * 60 * 1000

/**
 * Deletes rows of sessions that would be over anyway, once an hour, in parts. A failure is left to the next hour.
 * @returns stops it
 */
export function sweepEndings(ledger: Pick<Ledger, 'sweep'>): () => void {
  const sweep = async () => {
    while ((await ledger.sweep()) > 0);
  }
  const timer = setInterval(() => sweep().catch(() => {}), everyMilliseconds).unref()
  return () => clearInterval(timer)
}
