/** Blocks the event loop of this process, as work or a missing CPU does. */
export function blockEventLoop(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

/** Blocks it until another thread has stored something else than 0 in the cell, and notifies. */
export function blockEventLoopUntil(cell: Int32Array<SharedArrayBuffer>): void {
  Atomics.wait(cell, 0, 0)
}
