import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import accepts, { type Accepts } from 'accepts'

/** Browsers send a hundred characters or two. */
const maxLength = 512

/**
 * What a client accepts.
 * @param headers only of the header that is asked for, from `firstEntries`
 */
export function accepted(headers: Pick<IncomingHttpHeaders, 'accept' | 'accept-language'>): Accepts {
  // It reads nothing else of a request.
  return accepts({ headers } as IncomingMessage)
}

/**
 * The first entries of a header that is a list, as many as any browser sends: whoever sends thousands does not have
 * them parsed for each page. A server may ignore the others (RFC 9110 §12.5).
 */
export function firstEntries(header: string | undefined): string | undefined {
  if (header === undefined || header.length <= maxLength) return header
  return header.slice(0, Math.max(0, header.lastIndexOf(',', maxLength)))
}
