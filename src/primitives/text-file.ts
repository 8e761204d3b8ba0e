import { readFileSync } from 'node:fs'

/**
 * Reads a text file from any editor or system: without its byte order mark, with `\n` as line end.
 * @throws {Error} when it cannot be read, or is neither UTF-8 nor UTF-16 with a byte order mark
 */
export function readTextFile(file: string): string {
  const text = decodeText(readFileSync(file))
  if (text === undefined) throw new Error(`${file} is not UTF-8 text`)
  return text.replace(/\r\n?/g, '\n')
}

/** @returns the text without its byte order mark; undefined when it is neither UTF-8 nor UTF-16 with one */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return 'utf-8'
}
