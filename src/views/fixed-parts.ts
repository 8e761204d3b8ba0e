type Printed = string | undefined

/** By its name in `it`, what is the same on every page: a text, some of them by name, or what makes one out of a word. */
export type Fixed = Readonly<
  Record<string, Printed | Readonly<Record<string, Printed>> | ((word: string) => Printed)>
>

/** `<%= it.site.name %>` and `<%= it.t('login.title') %>`, with the line break that Eta drops after a tag. */
const plainTag = /<%=\s*it\.(\w+)(?:\.(\w+)|\('([\w./-]+)'\))?\s*%>(?:\r\n|\n|\r)?/g

/**
 * A view in which everything that is the same for all who see it is printed already, so that this is done when
 * it is compiled and not for every page. What is not fixed, or there is nothing for, stays as it is.
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
