import type { Demand } from '../identity/account-proofs.ts'

/** The longest address that people come back to after signing in, as a browser writes it. */
export const maxReturnLength = 2048

/**
 * The longest address in the parameter `next`, percent-encoded. With it the head of a redirect stays below
 * 4 KiB: nginx, as it comes, answers 502 to a longer one.
 */
const maxEncodedLength = 2500

/**
 * The address of a page with the way back in `next`: the whole address if it fits, else without its query,
 * else the first that fits of the others; `page` alone if none does.
 * @param page a path or an address without a query
 * @param wanted the address to come back to, of any length
 * @param others shorter ways back
 */
export function withReturn(page: string, wanted: string, ...others: string[]): string {
  const next = [wanted, wanted.replace(/[?#].*$/s, ''), ...others].find(fits)
  return next === undefined ? page : `${page}?next=${encodeURIComponent(next)}`
}

/** The other page of sign-in, with the same way back; without one if it leads to `home` anyway. */
export function otherPage(page: string, { next, home }: { next: string; home: string }): string {
  return next === home ? page : withReturn(page, next)
}

/** So that /confirm asks for what is missing: one factor it asks for anyway. */
export function withDemand(page: string, asked: Demand | undefined): string {
  const { factors = 1, within } = asked ?? {}
  if (factors === 1) return page
  const separator = page.includes('?') ? '&' : '?'
  return `${page}${separator}factors=${factors}${within === undefined ? '' : `&within=${within}`}`
}

function fits(address: string): boolean {
  return address.length <= maxReturnLength && encodeURIComponent(address).length <= maxEncodedLength
}
