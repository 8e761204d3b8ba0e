/**
 * The entries of a table in a README: the first cell of each row, which may have several. Only entries of the
 * README's own folder, such as `stores/` or `app.ts`.
 */
export function placesIn(text: string): string[] {
  return [...text.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w.-]+\/?)`/g)].map(([, place = '']) => place)
  )
}

/**
 * Differences between a README's table and its folder: one sentence each.
 * @param entries the content of the folder, subfolders with a slash at the end
 */
export function mapFaults(text: string, entries: readonly string[]): string[] {
  const places = placesIn(text)
  return [
    ...places
      .filter((place) => !entries.includes(place))
      .map((place) => `${place} has a row and is not there`),
    ...entries.filter((entry) => !places.includes(entry)).map((entry) => `${entry} is there and has no row`),
    ...places.filter((place, index) => places.indexOf(place) < index).map((place) => `${place} has two rows`)
  ]
}

/** The files that a README names, such as `sessions.ts` and `../throttle/`, as written. */
export function filesNamedIn(text: string): string[] {
  return [...text.matchAll(/`((?:\.\.\/|[a-z][\w.-]*\/)*[a-z][\w.-]*(?:\.(?:ts|eta|css|js|md)|\/))`/g)].map(
    ([, file = '']) => file
  )
}
