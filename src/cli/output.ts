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
  /** A table that rows are added to as they come, with one heading; programs get a line of JSON for each. */
  growing(): (rows: readonly Row[]) => void
}

export function outputOf(command: Command): Output {
  return command.optsWithGlobals<{ json?: boolean }>().json ? jsonOutput : textOutput
}

const jsonOutput: Output = {
  done: (_sentence, result) => console.log(printableJson(result)),
  table: (rows) => {
    for (const row of rows) console.log(printableJson(row))
  },
  growing: () => (rows) => jsonOutput.table(rows, '')
}

const textOutput: Output = {
  done: (sentence) => console.log(printable(sentence)),
  table: (rows, ifEmpty) => console.log(rows.length === 0 ? printable(ifEmpty) : alignColumns(rows)),
  growing: () => {
    let widths: readonly number[] | undefined
    return (rows) => {
      if (rows.length === 0) return
      const lines = linesOf(rows)
      const before = widths ?? []
      widths = widthsOf(lines).map((width, column) => Math.max(width, before[column] ?? 0))
      // The heading is there already.
      for (const line of before.length > 0 ? lines.slice(1) : lines) console.log(padCells(line, widths))
    }
  }
}

function alignColumns(rows: readonly Row[]): string {
  const lines = linesOf(rows)
  const widths = widthsOf(lines)
  return lines.map((line) => padCells(line, widths)).join('\n')
}

function linesOf(rows: readonly Row[]): readonly (readonly string[])[] {
  const names = Object.keys(rows[0] ?? {})
  return [names.map(heading), ...rows.map((row) => names.map((name) => cell(row[name])))]
}

/** Not by Math.max(...all), which takes no million arguments. */
function widthsOf(lines: readonly (readonly string[])[]): readonly number[] {
  const [names = []] = lines
  return names.map((_, column) => lines.reduce((most, line) => Math.max(most, line[column]?.length ?? 0), 0))
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
