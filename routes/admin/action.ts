import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import type { Outcome } from '../../plugins/admin/action.ts'
import { actionTexts } from '../../plugins/admin/action-texts.ts'
import { deedBy } from '../../plugins/admin/administered.ts'
import { type AskedAction, actionFinder } from '../../plugins/admin/asked-action.ts'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import { LatchkeyError } from '../../src/errors/errors.ts'
import { maxReasonLength } from '../../src/factors/drop-reason.ts'
import { inEnglish } from '../../src/i18n/language.ts'
import { type Message, message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

const params = objectSchema({ id: string, action: string }, { what: string })
/** As the account was when the question was shown, and the answer. */
const body = objectSchema({ version: string, name: string }, { reason: string, group: string })

/** What is done to one account: asked first, then done. An answer counts for the account as it was asked about. */
const action: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { administration, groups, paths } = app[services]
  const find = actionFinder(app)
  const config = { asksToChange: true } as const

  for (const url of ['/people/:id/:action', '/people/:id/:action/:what']) {
    app.get(url, { config, schema: { params } }, async (request, reply) => {
      const asked = await find(request, request.params)
      return asked ? question(reply, asked) : reply.callNotFound()
    })

    app.post(url, { schema: { params, body } }, async (request, reply) => {
      const asked = await find(request, request.params)
      const { version, name, reason = '', group = '' } = request.body
      const shown = asked?.person.account
      if (!asked || shown?.name !== name || String(shown.version) !== version)
        return leadOn(reply, request.params.id, message('admin.changed'))
      try {
        const { own, action, what } = asked
        const why = reason.trim() === '' && !action.isDangerous ? undefined : reason
        const deed = deedBy(own, request, why)
        const outcome = await action.run(administration, { who: shown, deed, what: what || group })
        return answer(reply, asked, outcome)
      } catch (error) {
        if (!(error instanceof LatchkeyError) || Number(error.statusCode) >= 500) throw error
        return question(reply, asked, { reason, error })
      }
    })
  }

  async function question(
    reply: FastifyReply,
    { name, action, person, what, called, session }: AskedAction,
    { reason = '', error }: { readonly reason?: string; readonly error?: LatchkeyError } = {}
  ) {
    if (error && !reply.request.acceptsHtml) throw error
    const { account } = person
    const { question, ...texts } = actionTexts[name]
    const joinable = name === 'join' ? await joinableBy(person) : []
    const place = [account.id, name, ...(what ? [encodeURIComponent(what)] : [])].join('/')
    return (error ? reply.refuse(error) : reply).page('admin/action', {
      ...{ title: question(account.name, called), ...texts, account, place, session: session ?? null },
      ...{
        isWide: false,
        joinable,
        reason,
        longest: maxReasonLength,
        isDangerous: action.isDangerous === true,
        sentTo: name === 'mail-link' ? account.email : null
      },
      error: error ?? null
    })
  }

  async function joinableBy(person: AskedAction['person']) {
    return (await groups.list()).map(({ name }) => name).filter((name) => !person.groups.includes(name))
  }

  function answer(reply: FastifyReply, { name, person }: AskedAction, outcome: Outcome) {
    if ('key' in outcome) return leadOn(reply, name === 'remove' ? undefined : person.account.id, outcome)
    const { protocol, host } = reply.request
    const origin = paths.pagesUrl.startsWith('http') ? '' : `${protocol}://${host}`
    const url = `${origin}${paths.pagesUrl}/reset?token=${outcome.token}`
    const { expiresAt } = outcome
    if (!reply.request.acceptsHtml) return { url, expiresAt }
    return reply.page('admin/link-made', { url, expiresAt, account: person.account })
  }

  function leadOn(reply: FastifyReply, id: string | undefined, said: Message) {
    if (!reply.request.acceptsHtml) return { done: inEnglish(said) }
    reply.flash(said)
    return reply.redirect(paths.ofPage(id === undefined ? '/admin' : `/admin/people/${id}`), 303)
  }
}

export default action
