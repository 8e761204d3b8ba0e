import { readFileSync } from 'node:fs'

/**
 * A file of text as editors on every system write it. A byte order mark is no part of it, and line ends are `\n`.
 * @throws {Error} where it cannot be read, or is neither UTF-8 nor UTF-16 with its mark
 */
export function readTextFile(file: string): string {
  const text = decodeText(readFileSync(file))
  if (text === undefined) throw new Error(`${file} is no text in UTF-8`)
  return text.replace(/\r\n?/g, '\n')
}

/** It takes the mark off. */
function decodeText(bytes: Uint8Array): string | undefined {
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
