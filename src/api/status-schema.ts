import { objectSchema } from './object-schema.ts'

const text = (description: string) => ({ type: 'string', description }) as const
const count = (description: string) => ({ type: 'integer', minimum: 0, description }) as const
const flag = (description: string) => ({ type: 'boolean', description }) as const

const store = (name: string) =>
  ({
    ...objectSchema({
      answers: flag('Whether it answers and takes writes.'),
      milliseconds: count('How long that took.')
    }),
    description: name
  }) as const

const spans = (description: string) =>
  ({
    type: 'array',
    items: objectSchema({
      since: { ...text('When the span begins.'), format: 'date-time' },
      succeeded: count('Sign-ins.'),
      refused: count('Wrong passwords, codes and passkeys.'),
      throttled: count('Attempts that had to wait, one a minute for each network.')
    }),
    description
  }) as const

/** How the service is doing: the page of administrators has the same. */
export const Status = {
  description: 'How the service is doing.',
  ...objectSchema({
    version: text('Of Latchkey.'),
    sessionsNow: {
      ...objectSchema({
        sessions: count('How many there are.'),
        precision: { enum: ['exact', 'about', 'at-least'], description: 'What that number is.' }
      }),
      type: ['object', 'null'],
      description: 'Null: it is not known.'
    },
    stores: objectSchema({
      accounts: store('The accounts database.'),
      sessions: store('The session store.')
    }),
    mail: {
      ...objectSchema({
        queued: count('Messages that wait.'),
        failed: count('Messages that could not be sent.'),
        isDown: flag('Whether none can be sent at present.')
      }),
      type: ['object', 'null'],
      description: 'Null: none is sent.'
    },
    signIns: objectSchema({
      day: spans('In each of the last 24 hours, the present one the last.'),
      month: spans('On each of the last 30 days of the server’s time zone, today the last.')
    }),
    warnings: { type: 'array', items: { type: 'string' }, description: 'Those of the start.' },
    settings: {
      type: 'array',
      items: objectSchema({
        setting: text('Its name.'),
        value: { type: ['string', 'null'], description: 'As written, without secrets.' },
        from: text('`environment`, `.env`, `default`, or the file that contains it.')
      }),
      description: 'Those in force.'
    }
  })
} as const
