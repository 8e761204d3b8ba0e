import { objectSchema } from './object-schema.ts'

const address = { type: 'string', description: 'An e-mail address.' } as const
const time = { type: 'string', format: 'date-time' } as const

export const OwnAddress = {
  description: 'The address of the account, and the one that waits to be confirmed.',
  ...objectSchema({
    email: { type: ['string', 'null'], description: 'The confirmed address.' },
    confirmedAt: { type: ['string', 'null'], format: 'date-time', description: 'When it was confirmed.' },
    waiting: {
      anyOf: [
        objectSchema({ email: address, until: { ...time, description: 'Until when its link can be used.' } }),
        { type: 'null' }
      ],
      description: 'The address that a link was mailed to last.'
    }
  })
} as const

export const NewAddress = objectSchema({ email: { ...address, maxLength: 320 } })

export const LinkSent = {
  description: 'A link was mailed. Nothing has changed yet.',
  ...objectSchema({ sentTo: { type: 'string', description: 'The address, as it is written to.' } })
} as const

export const LinkToken = objectSchema({
  token: { type: 'string', description: 'From the link in the mail.' }
})

export const Confirmed = {
  description: 'The account has the address.',
  ...objectSchema({ email: address })
} as const
