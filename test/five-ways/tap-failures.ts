/** Each assertion that failed in what tap printed, behind the names of the tests around it. */
export function failuresIn(tap: string): string[] {
  let failures: { depth: number; path: string }[] = []
  for (const [, indent = '', name = ''] of tap.matchAll(/^( *)not ok \d+(?: - )?(.*)$/gm)) {
    if (/# (TODO|SKIP)\b/i.test(name)) continue
    const depth = indent.length
    const title = name.replace(/ # time=.*$/, '')
    // What failed inside a test is said before the test itself.
    const inside = failures.filter((failure) => failure.depth > depth)
    const paths = inside.length > 0 ? inside.map(({ path }) => `${title} › ${path}`) : [title]
    failures = [
      ...failures.filter((failure) => failure.depth <= depth),
      ...paths.map((path) => ({ depth, path }))
    ]
  }
  return failures.map(({ path }) => path)
}
