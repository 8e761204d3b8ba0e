import type { Command } from 'commander'

type Value = string | number | boolean | Date | null | undefined

/** What has one name for each column. */
export type Row = Readonly<Record<string, Value>>

/** A terminal would obey them, and they come from whoever sends a User-Agent. */
const controls = /[\p{Cc}\p{Bidi_Control}]/gu

/** Prints for people, or for programs where --json is given: then each result is one line of JSON. */
export interface Printer {
  /** What was done: a sentence for people, what is known about it for programs. */
  done(sentence: string, result: object): void
  /** One row for each; without any, a sentence for people and nothing for programs. */
  table(rows: readonly Row[], whenEmpty: string): void
}

export function printerOf(command: Command): Printer {
  return command.optsWithGlobals<{ json?: boolean }>().json ? forPrograms : forPeople
}

const forPrograms: Printer = {
  done: (_sentence, result) => console.log(JSON.stringify(result)),
  table: (rows) => {
    for (const row of rows) console.log(JSON.stringify(row))
  }
}

const forPeople: Printer = {
  done: (sentence) => console.log(sentence),
  table: (rows, whenEmpty) => console.log(rows.length === 0 ? whenEmpty : aligned(rows))
}

function aligned(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {})
  const lines = [names.map(inWords), ...rows.map((row) => names.map((name) => cell(row[name])))]
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines.map((line) => padded(line, widths)).join('\n')
}

function padded(line: readonly string[], widths: readonly number[]): string {
  return line
    .map((text, column) => text.padEnd(widths[column] ?? 0))
    .join('  ')
    .trimEnd()
}

/** `createdAt` as a heading. */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => ` ${capital}`).toUpperCase()
}

function cell(value: Value): string {
  if (value === null || value === undefined) return '-'
  if (value instanceof Date) return value.toISOString().slice(0, 16).replace('T', ' ')
  return String(value).replace(controls, '?')
}
