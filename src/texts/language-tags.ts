/** BCP 47 tags separated by commas, in their usual spelling; none in an empty text. */
export function parseLanguageTags(value: string): readonly string[] {
  if (value === '') return []
  try {
    return Intl.getCanonicalLocales(value.split(',').map((tag) => tag.trim()))
  } catch {
    throw new Error(`is "${value}", it must be languages, such as en,de`)
  }
}
