const longestQuote = 500
/** What a terminal obeys, or shows as another line or in another direction: C0, DEL, C1, and a few of Unicode. */
const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** One line of printable text: control and invisible characters become `\u{1b}`, and a long text is cut. */
export function visible(text: string): string {
  return text
    .replace(/(?! )[\p{C}\p{Z}]/gu, (each) => `\\u{${each.codePointAt(0)?.toString(16)}}`)
    .replace(/"([^"]{20,})"/g, (quoted, inside: string) =>
      inside.length > longestQuote ? `"${inside.slice(0, longestQuote)}…"` : quoted
    )
}

/** One line that a terminal prints and does not obey. Unlike `visible`, it leaves names in any script as they are. */
export function printable(text: string): string {
  return text.replace(obeyed, (each) => `\\u{${each.codePointAt(0)?.toString(16)}}`)
}

/** The same for several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** JSON in one line, where such characters are escaped; a program reads the same value. */
export function printableJson(value: unknown): string {
  const json = JSON.stringify(value)
  return json.replace(obeyed, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
