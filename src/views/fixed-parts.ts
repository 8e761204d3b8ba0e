type Printed = string | undefined

/**
 * What is the same on every page, by its name in `it`: a text, several texts by name, or a function that
 * returns one.
 */
export type Fixed = Readonly<
  Record<string, Printed | Readonly<Record<string, Printed>> | ((word: string) => Printed)>
>

/**
 * `<%= it.site.name %>` and `<%= it.t('login.title') %>`, with the line break after the tag, which Eta drops.
 */
const plainTag = /<%=\s*it\.(\w+)(?:\.(\w+)|\('([\w./-]+)'\))?\s*%>(?:\r\n|\n|\r)?/g

/**
 * Renders the fixed parts of a view, so that this is done when it is compiled and not for every page. Other
 * tags stay as they are.
 */
export function renderFixedParts(view: string, fixed: Fixed, escapeText: (text: unknown) => string): string {
  return view.replace(plainTag, (tag: string, name: string, part?: string, word?: string) => {
    const text = textOf(fixed[name], part, word)
    return typeof text === 'string' ? escapeText(text) : tag
  })
}

function textOf(found: Fixed[string], part?: string, word?: string): Printed {
  if (typeof found === 'function') return word === undefined ? undefined : found(word)
  if (typeof found === 'object') return part === undefined ? undefined : found[part]
  return part === undefined && word === undefined ? found : undefined
}
