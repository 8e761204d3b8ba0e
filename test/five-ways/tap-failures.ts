/** Each failed assertion in tap's output, with the titles of its tests. */
export function failuresIn(tap: string): string[] {
  let failures: { depth: number; path: string }[] = []
  for (const [, indent = '', name = ''] of tap.matchAll(/^( *)not ok \d+(?: - )?(.*)$/gm)) {
    if (/# (TODO|SKIP)\b/i.test(name)) continue
    const depth = indent.length
    const title = name.replace(/ # time=.*$/, '')
    // Failures inside a test come before the test itself.
    const inside = failures.filter((failure) => failure.depth > depth)
    const paths = inside.length > 0 ? inside.map(({ path }) => `${title} › ${path}`) : [title]
    failures = [
      ...failures.filter((failure) => failure.depth <= depth),
      ...paths.map((path) => ({ depth, path }))
    ]
  }
  return failures.map(({ path }) => path)
}
