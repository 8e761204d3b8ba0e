import Type from 'typebox'
import { WrongCredentialsError } from '../errors/errors.ts'
import { maxCounted } from '../sessions/ended-count.ts'

const time = (description: string) => Type.String({ format: 'date-time', description })
export const handle = Type.String({
  description: 'Identifies the session. It cannot be used as a cookie.',
  examples: ['1f0c2b7d9a4e63586d1b8e02c7f3a954']
})
const id = Type.String({
  description:
    'The id of the account, which no other account ever has; `name:` and the name if an app signed in a name alone.',
  examples: ['dN3fVt0Zq1k9XbR7mYw2Cg']
})
const role = Type.Union([Type.Literal('user'), Type.Literal('admin')], {
  description: 'Administrators manage all accounts.'
})
const startedAt = time('When the user signed in.')
const seenAt = time('When it was last used, to about a minute.')
const endsAt = time('When it ends unless it is used before.')
const remembered = Type.Boolean({ description: 'Whether it lasts beyond closing the browser.' })

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String({ description: 'The name of the status.' }),
    status: Type.Integer(),
    detail: Type.String({ description: 'What is wrong, in one sentence.' }),
    code: Type.String({
      description: 'Stable: programs may rely on it.',
      examples: [WrongCredentialsError.definition.code]
    })
  },
  { $id: 'Problem', title: 'Problem', description: 'What went wrong: RFC 9457.' }
)

export const OwnSession = Type.Object(
  {
    id,
    user: Type.String({ description: 'The name of the signed-in user.' }),
    role,
    session: handle,
    startedAt,
    seenAt,
    endsAt,
    remembered,
    proofAgeSeconds: Type.Integer({
      minimum: 0,
      description: 'Seconds since the password was last verified. Some requests allow ten minutes at most.'
    })
  },
  { description: 'The session.' }
)

export const ListedSession = Type.Object({
  session: handle,
  isThis: Type.Boolean({ description: 'Whether it is the session of this request.' }),
  startedAt,
  seenAt,
  endsAt,
  remembered,
  address: Type.Union([Type.String(), Type.Null()], { description: 'The client’s address at sign-in.' }),
  browser: Type.Union([Type.String(), Type.Null()], { description: 'The name of the browser or program.' }),
  system: Type.Union([Type.String(), Type.Null()], { description: 'The operating system.' }),
  userAgent: Type.Union([Type.String(), Type.Null()], {
    description: 'The User-Agent, if the browser is unknown.'
  })
})

export const SessionsPage = Type.Object(
  {
    sessions: Type.Array(ListedSession),
    next: Type.Union([Type.String(), Type.Null()], { description: 'The `after` of the next page.' })
  },
  { description: 'A page of sessions.' }
)

export const ListedAccount = Type.Object(
  {
    id: Type.String({ description: 'The id of the account, which no other account ever has.' }),
    name: Type.String({ description: 'The name of the account.' }),
    role,
    createdAt: time('When the account was created.'),
    disabledAt: Type.Union([time('When the account was disabled.'), Type.Null()], {
      description: 'When the account was disabled.'
    }),
    failedAttempts: Type.Integer({ minimum: 0, description: 'How many attempts in a row failed.' }),
    closedTo: Type.Union([Type.Literal('new browsers'), Type.Literal('all browsers'), Type.Null()], {
      description:
        'Browsers in which no password is accepted, after too many failed attempts, until the account is enabled again.'
    })
  },
  { description: 'The account.' }
)

export const AccountsPage = Type.Object(
  {
    accounts: Type.Array(ListedAccount),
    next: Type.Union([Type.String(), Type.Null()], { description: 'The `after` of the next page.' })
  },
  { description: 'A page of accounts.' }
)

export const Ended = Type.Object(
  {
    sessionsEnded: Type.Integer({
      minimum: 0,
      maximum: maxCounted,
      description: 'How many sessions were ended.'
    }),
    more: Type.Optional(Type.Literal(true, { description: `Present if it was more than ${maxCounted}.` }))
  },
  { description: 'Done.' }
)

export const Credentials = Type.Object({
  username: Type.String({ description: 'The name of the account, in any spelling.' }),
  password: Type.String({ description: 'The password of the account.' }),
  remember: Type.Optional(Type.Boolean({ description: 'Stay signed in when the browser closes.' }))
})

export const Proof = Type.Object({
  password: Type.String({ description: 'The password of the signed-in user.' })
})

export const PasswordChange = Type.Object({
  current: Type.String({ description: 'The current password.' }),
  password: Type.String({ description: 'The new password.' })
})
