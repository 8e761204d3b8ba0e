/** Reasons for refusals of the API, by status. */
const reasons = {
  400: 'The input breaks a rule.',
  401: 'Nobody is signed in, a proof is wrong, missing or too old: see `code`, and `methods` for what helps.',
  403: 'Only administrators may do this.',
  404: 'It does not exist.',
  409: 'The current state does not allow it.',
  429: 'Too many failed attempts. `Retry-After` says when to try again.',
  503: 'A store does not answer, or the service is overloaded. `Retry-After` says when to try again.'
} as const

type Status = keyof typeof reasons

/** The refusals of a route as response schemas; 503 is always one of them. */
export function refusals(...statuses: readonly Status[]): object {
  const all: readonly Status[] = [...statuses, 503]
  return Object.fromEntries(all.map((status) => [status, refusal(reasons[status])]))
}

function refusal(description: string) {
  return { description, content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } } }
}

export const nothing = { type: 'null', description: 'Done.' } as const
