/**
 * Whether the calendar has the day that a text begins with, such as `2026-02-28`. JavaScript reads the 31st of February as the
 * 3rd of March.
 */
export function beginsWithDay(text: string): boolean {
  const day = text.slice(0, 10)
  const read = new Date(`${day}T00:00Z`)
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day)
}
