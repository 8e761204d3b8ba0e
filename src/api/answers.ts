/** Reasons for refusals of the API, by status. */
const reasons = {
  400: 'What was sent breaks a rule.',
  401: 'Nobody is signed in, the password is wrong, or it was proved too long ago: see `code`.',
  403: 'Only administrators may.',
  404: 'There is none.',
  409: 'It cannot be done as things stand.',
  429: 'Too many wrong passwords. `Retry-After` says when to try again.',
  503: 'A store does not answer, or too much is asked for at once. `Retry-After` says when to try again.'
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
