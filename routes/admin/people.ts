import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { sorts } from '../../src/accounts/account-search.ts'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import { message, type TextKey } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

const perPage = 25
const sort = { type: 'string', enum: sorts } as const
const querystring = objectSchema({}, { find: string, sort, after: string, before: string })
const sortTexts: Readonly<Record<(typeof sorts)[number], TextKey>> = {
  name: 'admin.people.byName',
  created: 'admin.people.byCreated',
  'last-sign-in': 'admin.people.byLastSignIn'
}

/** Accounts, found by the beginning of the name or the address. */
const people: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { people } = app[services]

  app.get('', { schema: { querystring } }, async (request, reply) => {
    const { find = '', sort = 'name', after, before } = request.query
    const found = await people.search({ startsWith: find, sort, after, before, limit: perPage })
    const listed = found.accounts.map(({ passwordHash: _, ...account }) => account)
    const { next = null, previous = null } = found
    if (!request.acceptsHtml) return { accounts: listed, next, previous }
    const orders = sorts.map((by) => ({ by, text: sortTexts[by], query: queryOf({ find, sort: by }) }))
    const links = {
      first: queryOf({ find, sort }),
      previous: previous && queryOf({ find, sort, before: previous }),
      next: next && queryOf({ find, sort, after: next })
    }
    const isLater = after !== undefined || previous !== null
    return reply.page('admin/people', {
      ...{ title: message('admin.people.title'), isWide: true, section: 'people' },
      ...{ find, sort, orders, links, isLater, people: listed }
    })
  })
}

function queryOf(parameters: Readonly<Record<string, string>>): string {
  return new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString()
}

export default people
