/** A QR code for an `<svg>`. */
export interface QrCode {
  /** Of each side, with the white border: for `viewBox`. */
  readonly size: number
  /** The middle of the black squares: for the `d` of a `<path>` with a line of width 1, half a square higher. */
  readonly path: string
}

/** Four squares on each side (ISO/IEC 18004). */
const border = 4

/** @param text up to some 200 characters, so that cameras can read it from a screen */
export async function qrCode(text: string): Promise<QrCode> {
  const { encodeQR } = await import('qr')
  const rows = encodeQR(text, 'raw', { ecc: 'low', border })
  return { size: rows.length, path: pathOf(rows) }
}

/**
 * A line for each run of black squares, as thick as a square; each begins where the last one has ended. Rectangles, or
 * places from the corner, would take more characters.
 */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  let [lastX, lastY] = [0, 0]
  let path = ''
  for (const [y, row] of rows.entries()) {
    for (const { 0: run, index: x } of row.map(Number).join('').matchAll(/1+/g)) {
      path += `m${x - lastX} ${y - lastY}h${run.length}`
      lastX = x + run.length
      lastY = y
    }
  }
  return path
}
