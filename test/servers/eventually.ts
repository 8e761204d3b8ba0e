import { setTimeout as sleep } from 'node:timers/promises'

/** Asks until the answer is yes; an error counts as no. @throws after 20 seconds, with what was waited for */
export async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  let error: unknown
  while (Date.now() < deadline) {
    try {
      if (await isSo()) return
      error = undefined
    } catch (cause) {
      error = cause
    }
    await sleep(20)
  }
  throw new Error(`Not within 20 s: ${what}`, { cause: error })
}
