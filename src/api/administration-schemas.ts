import { sorts } from '../accounts/account-search.ts'
import { auditCursorPattern } from '../audit/audit-filter.ts'
import { maxReasonLength } from '../factors/drop-reason.ts'
import { objectSchema } from './object-schema.ts'
import { ListedAccount, pageQuery, SessionsPage } from './schemas.ts'
import { ListedToken } from './token-schemas.ts'

const text = (description: string) => ({ type: 'string', description }) as const
const textOrNull = (description: string) => ({ type: ['string', 'null'], description }) as const
const time = (description: string) => ({ type: 'string', format: 'date-time', description }) as const
const timeOrNull = (description: string) =>
  ({ type: ['string', 'null'], format: 'date-time', description }) as const

export const ofAccount = objectSchema({ name: text('The name, in any spelling.') })

const reason = {
  ...text('Why. It is in the audit trail, where the owner of the account sees it too.'),
  maxLength: maxReasonLength
} as const

/** Of a request that may have no body. */
export const Reason = { ...objectSchema({}, { reason }), type: ['object', 'null'] } as const

export const NewName = objectSchema({ name: { type: 'string', description: 'The new name.' } }, { reason })

export const NewRole = objectSchema(
  { role: { type: 'string', enum: ['user', 'admin'], description: 'The new role.' } },
  { reason }
)

export const LinkRequest = {
  ...objectSchema(
    {},
    {
      reason,
      dropFactors: { type: 'boolean', description: 'Whether it removes all second factors: then say why.' }
    }
  ),
  type: ['object', 'null']
} as const

export const MadeLink = {
  description: 'The link was made.',
  ...objectSchema({
    url: text('Where the owner of the account chooses a new password, once. It is not shown again.'),
    linkEndsAt: time('When it opens nothing any more.')
  })
} as const

const page = pageQuery({ limit: '^([1-9][0-9]{0,2}|1000)$', limits: 'From 1 to 1000, by default 100.' })

export const accountsQuery = objectSchema(
  {},
  {
    ...page.properties,
    startsWith: text('Only accounts whose name or address begins so, in any spelling.'),
    sort: { type: 'string', enum: sorts, description: 'The order, by default `name`.' },
    direction: {
      type: 'string',
      enum: ['ascending', 'descending'],
      description: 'By default names are ascending, and the latest times come first.'
    }
  }
)

const AuditEvent = objectSchema({
  at: time('When it happened.'),
  event: text('What happened: the names are in docs/operating.md.'),
  name: textOrNull('The name of the account that it is about.'),
  account: textOrNull('The id of that account.'),
  actor: { enum: ['account', 'command', null], description: 'Who did it, if somebody else.' },
  by: textOrNull('The name of the administrator who did it.'),
  byAccount: textOrNull('The id of the administrator’s account.'),
  address: textOrNull('The client’s address.'),
  session: textOrNull('The handle of the session.'),
  formerName: textOrNull('The name that the account had before.'),
  detail: textOrNull('What the name of the event does not say.'),
  reason: textOrNull('Why, as the administrator said it.')
})

export const AuditPage = {
  description: 'A page of events, the latest first.',
  ...objectSchema({
    events: { type: 'array', items: AuditEvent },
    next: textOrNull('The `after` of the next page. A page may be shorter though there is one.')
  })
} as const

/** RFC 3339, of which JavaScript reads every time. */
const instant =
  '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,9})?)?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)$'

export const auditQuery = objectSchema(
  {},
  {
    ...pageQuery({
      after: auditCursorPattern.source,
      limit: '^([1-9][0-9]{0,2}|1000)$',
      limits: 'From 1 to 1000, by default 100.'
    }).properties,
    person: text('Only events of this account: its name or id, or a name that nobody has any more.'),
    event: text('Only events of this name.'),
    by: text('Only what this administrator did: the name or id.'),
    address: text('Only events from this client address.'),
    from: {
      ...text('Only events from then on, as RFC 3339 writes it, such as `2026-11-29T12:00:00Z`.'),
      pattern: instant
    },
    to: { ...text('Only events before then.'), pattern: instant }
  }
)

export const Person = {
  description: 'The account, and what belongs to it.',
  ...objectSchema({
    account: ListedAccount,
    lastSeenAt: timeOrNull('When a session was used last, to about a minute, or the last sign-in.'),
    sessions: SessionsPage.properties.sessions,
    factors: objectSchema({
      codesAddedAt: timeOrNull('When codes from an authenticator app were set up.'),
      codesClosed: { type: 'boolean', description: 'Whether too many wrong codes have closed them.' },
      passkeys: {
        type: 'array',
        items: objectSchema({
          passkeyName: text('What its owner calls it.'),
          addedAt: time('When it was added.'),
          usedAt: timeOrNull('When it was last used.')
        }),
        description: 'The oldest first.'
      },
      recoveryCodesLeft: {
        type: 'integer',
        minimum: 0,
        description: 'How many recovery codes can still be used.'
      },
      recoveryCodesClosed: { type: 'boolean', description: 'Whether too many wrong ones have closed them.' }
    }),
    groupNames: { type: 'array', items: { type: 'string' }, description: 'Names of groups, ordered.' },
    tokens: { type: 'array', items: ListedToken },
    events: { type: 'array', items: AuditEvent, description: 'The latest, the newest first.' }
  })
} as const
