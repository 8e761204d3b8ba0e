import Negotiator from 'negotiator'

/** Browsers send a hundred characters or two. */
const maxLength = 512

/** Whether a client that may have JSON or a page prefers the page. @param accept from `firstEntries` */
export function acceptsHtml(accept: string | undefined): boolean {
  const [first] = new Negotiator({ headers: { accept } }).mediaTypes(['application/json', 'text/html'])
  return first === 'text/html'
}

/**
 * The languages that a client accepts, the preferred first.
 * @param header Accept-Language, from `firstEntries`
 * @param available only these; without it all that the client names
 */
export function acceptedLanguages(header: string | undefined, available?: readonly string[]): string[] {
  const negotiator = new Negotiator({ headers: { 'accept-language': header } })
  return available ? negotiator.languages([...available]) : negotiator.languages()
}

/**
 * The first entries of a header that is a list, as many as any browser sends: whoever sends thousands does not have
 * them parsed for each page. A server may ignore the others (RFC 9110 §12.5).
 */
export function firstEntries(header: string | undefined): string | undefined {
  if (header === undefined || header.length <= maxLength) return header
  return header.slice(0, Math.max(0, header.lastIndexOf(',', maxLength)))
}
