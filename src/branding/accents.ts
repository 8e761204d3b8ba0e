/** `#` and six hex digits. */
export type Color = `#${string}`

/** The colour of links and buttons in one scheme, and of the text on them. */
export interface Accent {
  readonly accent: Color
  readonly onAccent: Color
}

/** The backgrounds of accents, as in views/assets/style.css: of paper and card the one with less contrast. */
export const backgrounds = { light: '#f4f3ef', dark: '#1f2425' } as const

const black = '#000000'
const white = '#ffffff'
/** WCAG 2.2, 1.4.3. */
const minContrast = 4.5
const steps = 100

/** Makes a colour darker for the light scheme and lighter for the dark one until it is readable. */
export function accentsOf(color: Color): { readonly light: Accent; readonly dark: Accent } {
  return {
    light: accent(towards(black, color, backgrounds.light)),
    dark: accent(towards(white, color, backgrounds.dark))
  }
}

/** The contrast ratio of WCAG 2.2, from 1 to 21. */
export function contrast(one: Color, other: Color): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (lighter + 0.05) / (darker + 0.05)
}

function accent(color: Color): Accent {
  return { accent: color, onAccent: contrast(color, white) >= contrast(color, black) ? white : black }
}

function towards(end: Color, color: Color, background: Color): Color {
  for (let step = 0; step < steps; step += 1) {
    const mixed = mix(color, end, step / steps)
    if (contrast(mixed, background) >= minContrast) return mixed
  }
  return end
}

function mix(color: Color, other: Color, share: number): Color {
  const others = channels(other)
  const mixed = channels(color).map((value, index) => value + ((others[index] ?? 0) - value) * share)
  return `#${mixed.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`
}

function luminance(color: Color): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function channels(color: Color): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
}
