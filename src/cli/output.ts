import type { Command } from 'commander'
import { printable, printableJson } from '../primitives/visible-text.ts'

type Value = string | number | boolean | Date | null | undefined

/** The cells by column name. */
export type Row = Readonly<Record<string, Value>>

/**
 * Prints text for people, or with --json one line of JSON for each result. A name or a User-Agent may contain what a
 * terminal would obey: that is escaped in both.
 */
export interface Output {
  /** A sentence for people, an object for programs. */
  done(sentence: string, result: object): void
  /** One line for each row; without rows a sentence for people and nothing for programs. */
  table(rows: readonly Row[], ifEmpty: string): void
}

export function outputOf(command: Command): Output {
  return command.optsWithGlobals<{ json?: boolean }>().json ? jsonOutput : textOutput
}

const jsonOutput: Output = {
  done: (_sentence, result) => console.log(printableJson(result)),
  table: (rows) => {
    for (const row of rows) console.log(printableJson(row))
  }
}

const textOutput: Output = {
  done: (sentence) => console.log(printable(sentence)),
  table: (rows, ifEmpty) => console.log(rows.length === 0 ? printable(ifEmpty) : alignColumns(rows))
}

function alignColumns(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {})
  const lines = [names.map(heading), ...rows.map((row) => names.map((name) => cell(row[name])))]
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines.map((line) => padCells(line, widths)).join('\n')
}

function padCells(line: readonly string[], widths: readonly number[]): string {
  return line
    .map((text, column) => text.padEnd(widths[column] ?? 0))
    .join('  ')
    .trimEnd()
}

/** The column name as a heading: `createdAt` becomes `CREATED AT`. */
function heading(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => ` ${capital}`).toUpperCase()
}

function cell(value: Value): string {
  if (value === null || value === undefined) return '-'
  if (value instanceof Date) return value.toISOString().slice(0, 16).replace('T', ' ')
  return printable(String(value))
}
