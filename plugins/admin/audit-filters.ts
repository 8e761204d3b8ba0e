import type { FastifyInstance } from 'fastify'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import type { AuditEventName } from '../../src/audit/audit-event.ts'
import type { AuditFilter } from '../../src/audit/audit-filter.ts'
import { BadInputError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import { isAccountId } from '../../src/identity/account-id.ts'
import { services } from '../../src/open-services.ts'
import { beginsWithDay } from '../../src/primitives/calendar-day.ts'

const day = { type: 'string', pattern: '^(\\d{4}-\\d{2}-\\d{2})?$' } as const

/** Fields of the form over the list of events; an empty one counts for nothing. */
const fields = { person: string, event: string, by: string, address: string, from: day, to: day } as const
type Asked = { readonly [Field in keyof typeof fields]?: string }

export const querystring = objectSchema({}, fields)

/** What the form over the list of events asks for. */
export function auditFilters(app: FastifyInstance) {
  const { accounts } = app[services]

  /** People are found by the name that they have now, or by id; else by the name that they had. */
  async function filterIn(asked: Asked): Promise<AuditFilter> {
    const { person, event, by, address, from, to } = cleaned(asked)
    const [whom, who] = await Promise.all(
      [person, by].map((name) => (name ? accounts.find(name) : undefined))
    )
    return {
      ...(person && whomNamed(person, whom)),
      ...(event && { event: event as AuditEventName }),
      ...(by && { by: who?.id ?? by }),
      ...(address && { address }),
      ...(from && { from: startOf(from) }),
      ...(to && { to: new Date(startOf(to).setHours(24)) })
    }
  }

  /** The form as it was filled in, and the parameters of links that show the same. */
  function shownIn(asked: Asked) {
    const filled = entriesOf(asked).filter(([, value]) => value)
    return { asked, isFiltered: filled.length > 0, query: new URLSearchParams(filled).toString() }
  }

  return { filterIn, shownIn }
}

function whomNamed(name: string, account: { readonly id: string } | undefined): AuditFilter {
  if (account) return { account: account.id }
  return isAccountId(name) ? { account: name } : { name }
}

/** PostgreSQL knows no text with a null character. */
function cleaned(asked: Asked): Asked {
  const texts = entriesOf(asked).map(([field, text]) => [field, text.replaceAll('\0', '').trim()])
  return Object.fromEntries(texts)
}

/** Of the form alone: an address may have other parameters, which nothing has checked. */
function entriesOf(asked: Asked): [field: string, text: string][] {
  const names = Object.keys(fields) as (keyof typeof fields)[]
  return names.flatMap((field) => (asked[field] === undefined ? [] : [[field, asked[field]]]))
}

/** @param text which begins with a day @throws {BadInputError} for one that the calendar does not have */
export function mustBeDay(text: string): void {
  if (!beginsWithDay(text)) throw new BadInputError(message('admin.activity.badDay'))
}

/** A day of the server's time zone, in which pages show times. */
function startOf(day: string): Date {
  mustBeDay(day)
  return new Date(`${day}T00:00`)
}
