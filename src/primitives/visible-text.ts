const longestQuote = 500

/** One line of printable text: control and invisible characters become `\u{1b}`, and a long text is cut. */
export function visible(text: string): string {
  return text
    .replace(/(?! )[\p{C}\p{Z}]/gu, (each) => `\\u{${each.codePointAt(0)?.toString(16)}}`)
    .replace(/"([^"]{20,})"/g, (quoted, inside: string) =>
      inside.length > longestQuote ? `"${inside.slice(0, longestQuote)}…"` : quoted
    )
}
