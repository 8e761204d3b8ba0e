import { WrongCredentialsError } from '../errors/errors.ts'
import { maxReasonLength } from '../factors/drop-reason.ts'
import { proofKinds } from '../identity/account-proofs.ts'
import { maxCounted } from '../sessions/ended-count.ts'
import { objectSchema } from './object-schema.ts'

const text = (description: string) => ({ type: 'string', description }) as const
const textOrNull = (description: string) => ({ type: ['string', 'null'], description }) as const
const count = (description: string) => ({ type: 'integer', minimum: 0, description }) as const
const time = (description: string) => ({ type: 'string', format: 'date-time', description }) as const

export const handle = {
  ...text('Identifies the session. It cannot be used as a cookie.'),
  examples: ['1f0c2b7d9a4e63586d1b8e02c7f3a954']
} as const
const id = {
  ...text(
    'The id of the account, which no other account ever has; `name:` and the name if an app signed in a name alone.'
  ),
  examples: ['dN3fVt0Zq1k9XbR7mYw2Cg']
} as const
const role = {
  type: 'string',
  enum: ['user', 'admin'],
  description: 'Administrators manage all accounts.'
} as const
const startedAt = time('When the user signed in.')
const seenAt = time('When it was last used, to about a minute.')
const endsAt = time('When it ends unless it is used before.')
const remembered = { type: 'boolean', description: 'Whether it lasts beyond closing the browser.' } as const

export const Problem = {
  $id: 'Problem',
  title: 'Problem',
  description: 'What went wrong: RFC 9457.',
  ...objectSchema(
    {
      type: { type: 'string' },
      title: text('The name of the status.'),
      status: { type: 'integer' },
      detail: text('What is wrong, in one sentence.'),
      code: {
        ...text('Stable: programs may rely on it.'),
        examples: [WrongCredentialsError.definition.code]
      }
    },
    {
      methods: {
        type: 'array',
        items: { type: 'string', enum: ['password', 'totp', 'recovery', 'passkey'] },
        description: 'Where a proof is missing: what the account has for it.'
      }
    }
  )
} as const

export const OwnSession = {
  description: 'The session.',
  ...objectSchema(
    {
      id,
      user: text('The name of the signed-in user.'),
      role,
      session: handle,
      startedAt,
      seenAt,
      endsAt,
      remembered,
      proofAgeSeconds: count('Seconds since the last proof. Some requests allow ten minutes at most.'),
      proofs: {
        type: 'array',
        items: { type: 'string', enum: [...proofKinds] },
        description:
          'What was proved in the last day. `verified`: the owner of the passkey, by a fingerprint, a face or a PIN.'
      }
    },
    {
      recoveryCode: text('Takes the place of the recovery code that was used. It is not shown again.')
    }
  )
} as const

export const ListedSession = objectSchema({
  session: handle,
  isThis: { type: 'boolean', description: 'Whether it is the session of this request.' },
  startedAt,
  seenAt,
  endsAt,
  remembered,
  address: textOrNull('The client’s address at sign-in.'),
  browser: textOrNull('The name of the browser or program.'),
  system: textOrNull('The operating system.'),
  userAgent: textOrNull('The User-Agent, if the browser is unknown.')
})

export const SessionsPage = {
  description: 'A page of sessions.',
  ...objectSchema({
    sessions: { type: 'array', items: ListedSession },
    next: textOrNull('The `after` of the next page.')
  })
} as const

export const ListedAccount = {
  description: 'The account.',
  ...objectSchema({
    id: text('The id of the account, which no other account ever has.'),
    name: text('The name of the account.'),
    role,
    createdAt: time('When the account was created.'),
    signedInAt: { ...textOrNull('When its owner signed in last.'), format: 'date-time' },
    disabledAt: { ...textOrNull('When the account was disabled.'), format: 'date-time' },
    email: textOrNull('Its address, if it was confirmed.'),
    failedAttempts: count('How many attempts in a row failed.'),
    secondFactors: count(
      'How many second factors there are: codes from an app count as one, and each passkey.'
    ),
    closedTo: {
      enum: ['new browsers', 'all browsers', null],
      description:
        'Browsers in which no password is accepted, after too many failed attempts, until the account is enabled again.'
    }
  })
} as const

export const AccountsPage = {
  description: 'A page of accounts.',
  ...objectSchema({
    accounts: { type: 'array', items: ListedAccount },
    next: textOrNull('The `after` of the next page. A page may be shorter though there is one.')
  })
} as const

const group = text('The name of the group.')

export const ListedGroup = objectSchema({
  group,
  members: count('How many accounts are in it.'),
  groupCreatedAt: time('When the group was made.')
})

export const GroupsList = {
  description: 'All groups.',
  ...objectSchema({ groups: { type: 'array', items: ListedGroup } })
} as const

export const Group = { description: 'The group.', ...objectSchema({ group }) } as const

export const MembersPage = {
  description: 'A page of the accounts in the group.',
  ...objectSchema({
    names: { type: 'array', items: { type: 'string' }, description: 'Names of accounts, ordered.' },
    next: textOrNull('The `after` of the next page.')
  })
} as const

export const GroupsOfAccount = {
  description: 'The groups of the account.',
  ...objectSchema({
    name: text('The name of the account.'),
    groupNames: { type: 'array', items: { type: 'string' }, description: 'Names of groups, ordered.' }
  })
} as const

export const Ended = {
  description: 'Done.',
  ...objectSchema(
    { sessionsEnded: { ...count('How many sessions were ended.'), maximum: maxCounted } },
    { more: { const: true, description: `Present if it was more than ${maxCounted}.` } }
  )
} as const

export const Credentials = objectSchema(
  {
    username: text('The name of the account, in any spelling.'),
    password: text('The password of the account.')
  },
  {
    remember: { type: 'boolean', description: 'Stay signed in when the browser closes.' },
    code: text('From the authenticator app, or a recovery code, if the account has a second factor.')
  }
)

export const AskedName = objectSchema({
  username: { ...text('The name of the account or its confirmed address, in any spelling.'), maxLength: 320 }
})

export const Accepted = {
  description: 'Taken down. What comes of it is told by mail.',
  ...objectSchema({ accepted: { type: 'boolean', description: 'Always `true`.' } })
} as const

export const Code = objectSchema({ code: text('From the authenticator app, or a recovery code.') })

export const Proof = objectSchema(
  {},
  {
    password: text('The password of the signed-in user.'),
    code: text('From the authenticator app, or a recovery code.')
  }
)

export const PasswordChange = objectSchema({
  current: text('The current password.'),
  password: text('The new password.')
})

const newName = text('The new name. Nobody else can take the present one for 30 days.')

export const NameChange = objectSchema({ current: text('The password.'), name: newName })

export const Renamed = {
  description: 'The account has the new name.',
  ...objectSchema({
    id: text('The id of the account, which stays.'),
    name: text('The name of the account.'),
    formerName: text('The name that it had before.')
  })
} as const

export const DropReason = objectSchema({
  reason: {
    ...text('Why. It is in the audit trail, where the owner of the account sees it too.'),
    maxLength: maxReasonLength
  }
})

interface PageBounds {
  /** A pattern. */
  readonly after?: string
  /** A pattern, and what it says in words. */
  readonly limit: string
  readonly limits: string
}

/** Which page of a list, and how long it is. */
export const pageQuery = ({ after, limit, limits }: PageBounds) =>
  objectSchema(
    {},
    {
      after: { ...text('The `next` of the previous page.'), ...(after && { pattern: after }) },
      limit: { ...text(limits), pattern: limit }
    }
  )
