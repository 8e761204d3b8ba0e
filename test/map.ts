/**
 * What a table in a README names: the first cell of each row, which may name several. Only what lies in the folder of
 * the README itself, such as `stores/` or `app.ts`.
 */
export function placesIn(text: string): string[] {
  return [...text.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w.-]+\/?)`/g)].map(([, place = '']) => place)
  )
}

/**
 * What a map says and the folder has not, or has and the map does not say: a sentence each.
 * @param entries what lies in the folder, folders with a slash at the end
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

/** The files that a note names, such as `sessions.ts` and `../throttle/`, as they are written. */
export function filesNamedIn(text: string): string[] {
  return [...text.matchAll(/`((?:\.\.\/|[a-z][\w.-]*\/)*[a-z][\w.-]*(?:\.(?:ts|eta|css|js|md)|\/))`/g)].map(
    ([, file = '']) => file
  )
}
