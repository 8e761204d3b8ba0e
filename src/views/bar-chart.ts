/** A bar for each thing, in parts on top of each other: what `<rect>` needs in a `viewBox` of `width` and `height`. */
export interface BarChart {
  readonly width: number
  readonly height: number
  /** Of the tallest bar. */
  readonly most: number
  readonly parts: readonly Part[]
}

interface Part {
  readonly kind: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const [width, height] = [600, 120]
/** Of the place of a bar. */
const filled = 0.75
/** So that one of very many is seen. */
const lowest = 2

/**
 * @param kinds the parts of each bar, from the bottom
 * @param bars numbers by kind, 0 or more
 */
export function barChart<Kind extends string>(
  kinds: readonly Kind[],
  bars: readonly Readonly<Record<Kind, number>>[]
): BarChart {
  const most = Math.max(0, ...bars.map((bar) => kinds.reduce((sum, kind) => sum + bar[kind], 0)))
  const place = width / Math.max(1, bars.length)
  const parts = bars.flatMap((bar, index) => {
    const x = round((index + (1 - filled) / 2) * place)
    let top = height
    return kinds.flatMap((kind) => {
      if (bar[kind] === 0) return []
      const tall = Math.max(lowest, round((bar[kind] / most) * (height - kinds.length * lowest)))
      top = round(top - tall)
      return [{ kind, x, y: top, width: round(place * filled), height: tall }]
    })
  })
  return { width, height, most, parts }
}

function round(number: number): number {
  return Math.round(number * 10) / 10
}
