/** Keeps the event loop of this process from turning, as work does and whatever takes the processor away. */
export function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
