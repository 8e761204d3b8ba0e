import { longestLifeDays, maxTokens } from '../tokens/tokens.ts'
import { objectSchema } from './object-schema.ts'

const text = (description: string) => ({ type: 'string', description }) as const
const time = (description: string) => ({ type: 'string', format: 'date-time', description }) as const
const timeOrNull = (description: string) =>
  ({ type: ['string', 'null'], format: 'date-time', description }) as const

export const tokenId = {
  ...text('Identifies the token. It lets nobody in.'),
  examples: ['dN3fVt0Zq1k9XbR7mYw2Cg']
} as const

const name = text('What the program is called, up to 64 characters.')
const hosts = {
  type: 'array',
  items: { type: 'string' },
  description:
    'Hosts of apps behind the gate that it is good for. A name after a star and a dot means all below it.'
} as const
const forApi = { type: 'boolean', description: 'Whether it is good for this API.' } as const
const madeAt = time('When the token was made.')
const expiresAt = time('When the token ends by itself.')

export const ListedToken = objectSchema({
  token: tokenId,
  tokenName: name,
  hosts,
  forApi,
  madeAt,
  expiresAt,
  isExpired: { type: 'boolean', description: 'Whether it has ended by itself.' },
  usedAt: timeOrNull('When it was last used, to about ten minutes.')
})

export const TokensList = {
  description: 'All tokens of the user.',
  ...objectSchema({ tokens: { type: 'array', maxItems: maxTokens, items: ListedToken } })
} as const

export const TokenRequest = objectSchema(
  {
    tokenName: name,
    days: {
      type: 'integer',
      minimum: 1,
      maximum: longestLifeDays,
      description: 'How many days it is good for.'
    }
  },
  { hosts, forApi }
)

export const MadeToken = {
  description: 'The token was made.',
  ...objectSchema({
    secret: text('What the program sends as a bearer token. It is not shown again.'),
    token: tokenId,
    tokenName: name
  })
} as const
