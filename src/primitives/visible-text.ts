const longestQuote = 500

/**
 * One line that shows what is in it: what a terminal would obey, or a reader not see, as `\u{1b}`, and of a long
 * quotation its beginning.
 */
export function visible(text: string): string {
  return text
    .replace(/(?! )[\p{C}\p{Z}]/gu, (each) => `\\u{${each.codePointAt(0)?.toString(16)}}`)
    .replace(/"([^"]{20,})"/g, (quoted, inside: string) =>
      inside.length > longestQuote ? `"${inside.slice(0, longestQuote)}…"` : quoted
    )
}
