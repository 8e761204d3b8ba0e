import type { FromSchema } from 'json-schema-to-ts'
import type { Invitation } from '../invitations/invitations.ts'
import { objectSchema } from './object-schema.ts'

/** BCP 47, as far as a language of the pages can be called. */
export const languageTag = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$/

const text = (description: string) => ({ type: 'string', description }) as const
const textOrNull = (description: string) => ({ type: ['string', 'null'], description }) as const
const time = (description: string) => ({ type: 'string', format: 'date-time', description }) as const
const role = {
  type: 'string',
  enum: ['user', 'admin'],
  description: 'Of the account that will be made.'
} as const
const id = text('Identifies the invitation. It opens nothing.')

export const params = objectSchema({ invitation: id })

export const NewInvitation = objectSchema(
  { address: { ...text('The e-mail address of whoever is invited.'), maxLength: 320 } },
  {
    role,
    language: {
      ...text('Of the mail and of the account: a language tag. By default the first of `LANGUAGES`.'),
      pattern: languageTag.source
    }
  }
)

export const ListedInvitation = {
  description: 'The invitation.',
  ...objectSchema({
    invitation: id,
    address: text('Where the link was sent.'),
    role,
    invitedBy: textOrNull('The name of the administrator; null if it was the command.'),
    createdAt: time('When it was made.'),
    expiresAt: time('Until when the link works.')
  })
} as const

export const InvitationsList = {
  description: 'Invitations that can still be used.',
  ...objectSchema({ invitations: { type: 'array', items: ListedInvitation } })
} as const

export const Withdrawn = {
  description: 'Done.',
  ...objectSchema({ withdrawn: { type: 'boolean', description: 'Always `true`.' } })
} as const

export function describeInvitation(invitation: Invitation): FromSchema<typeof ListedInvitation> {
  const { id, address, role, invitedBy, createdAt, expiresAt } = invitation
  return {
    ...{ invitation: id, address, role, invitedBy: invitedBy ?? null },
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString()
  }
}
