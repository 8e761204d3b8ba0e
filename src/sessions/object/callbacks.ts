/** As the stores of both libraries call back. */
export type Callback<T = void> = (error: Error | null, value?: T) => void

export function settle<T>(work: Promise<T>, done: Callback<T>): void {
  work.then(
    (value) => done(null, value),
    (error) => done(error)
  )
}

export function ignoringResult(done: Callback): Callback<unknown> {
  return (error) => done(error)
}
