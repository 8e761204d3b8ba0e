import Type from 'typebox'
import { WrongCredentialsError } from '../errors/errors.ts'

const time = (description: string) => Type.String({ format: 'date-time', description })
export const handle = Type.String({
  description: 'What the session is called. Nobody can make a cookie out of it.',
  examples: ['1f0c2b7d9a4e6358']
})
const role = Type.Union([Type.Literal('user'), Type.Literal('admin')], {
  description: 'An administrator manages the accounts of everybody.'
})
const startedAt = time('When it began with a proof of the password.')
const seenAt = time('When it was used last, give or take a minute.')
const endsAt = time('When it is over unless it is used before.')
const remembered = Type.Boolean({ description: 'Whether it outlives the browser.' })

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String({ description: 'The name of the status.' }),
    status: Type.Integer(),
    detail: Type.String({ description: 'What is wrong, in a sentence.' }),
    code: Type.String({
      description: 'Stable: programs may rely on it.',
      examples: [WrongCredentialsError.definition.code]
    })
  },
  { $id: 'Problem', title: 'Problem', description: 'What went wrong: RFC 9457.' }
)

export const OwnSession = Type.Object(
  {
    user: Type.String({ description: 'The name of who is signed in.' }),
    role,
    session: handle,
    startedAt,
    seenAt,
    endsAt,
    remembered,
    proofAgeSeconds: Type.Integer({
      minimum: 0,
      description:
        'How long ago the password was proved. Some requests want that to be less than ten minutes.'
    })
  },
  { description: 'The session.' }
)

export const ListedSession = Type.Object({
  session: handle,
  isThis: Type.Boolean({ description: 'Whether it is the one that asks.' }),
  startedAt,
  seenAt,
  endsAt,
  remembered,
  address: Type.Union([Type.String(), Type.Null()], { description: 'Where the sign-in came from.' }),
  browser: Type.Union([Type.String(), Type.Null()], { description: 'The browser’s name, or the program’s.' }),
  system: Type.Union([Type.String(), Type.Null()], { description: 'What it runs on.' }),
  userAgent: Type.Union([Type.String(), Type.Null()], {
    description: 'What it calls itself, where the browser’s name is not known.'
  })
})

export const ListedAccount = Type.Object(
  {
    name: Type.String({ description: 'What the account is called.' }),
    role,
    createdAt: time('When the account was made.'),
    disabledAt: Type.Union([time('Since when nobody can sign in with it.'), Type.Null()], {
      description: 'Since when nobody can sign in with it.'
    }),
    failedAttempts: Type.Integer({ minimum: 0, description: 'How many passwords in a row were wrong.' }),
    closedTo: Type.Union([Type.Literal('new browsers'), Type.Literal('all browsers'), Type.Null()], {
      description: 'Where so many were wrong that no password opens it until the account is enabled anew.'
    })
  },
  { description: 'The account.' }
)

export const AccountsPage = Type.Object(
  {
    accounts: Type.Array(ListedAccount),
    next: Type.Union([Type.String(), Type.Null()], { description: 'Where the next page begins.' })
  },
  { description: 'A page of them.' }
)

export const Ended = Type.Object(
  { sessionsEnded: Type.Integer({ minimum: 0, description: 'How many sessions were ended.' }) },
  { description: 'Done.' }
)

export const Credentials = Type.Object({
  username: Type.String({ description: 'The name of the account, however it is spelled.' }),
  password: Type.String({ description: 'The password of the account.' }),
  remember: Type.Optional(Type.Boolean({ description: 'Stay signed in when the browser closes.' }))
})

export const Proof = Type.Object({
  password: Type.String({ description: 'The password of who is signed in.' })
})

export const PasswordChange = Type.Object({
  current: Type.String({ description: 'The password until now.' }),
  password: Type.String({ description: 'The password from now on.' })
})
