import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyView from '@fastify/view'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { isTextKey } from '../../src/i18n/language.ts'
import type { Localizer } from '../../src/i18n/localizer.ts'
import type { Message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'
import { memoize } from '../../src/primitives/memoize.ts'
import { Pages } from '../../src/views/pages.ts'
import { takeFlash } from './flash.ts'

/** `title` defaults to the text `NAME.title`. */
type PageData = Readonly<{ title?: Message | string; [key: string]: unknown }>

declare module 'fastify' {
  interface FastifyInstance {
    page(request: FastifyRequest, name: string, data?: PageData): Promise<string>
    /** Added by @fastify/view; `page` uses it. */
    render(print: () => string, data: object): Promise<string>
  }
  interface FastifyReply {
    /**
     * Sends views/NAME.eta inside the layout, in the reader's language. In the view, `it` has `data`, `asset`
     * and `t`, `explain`, `date`, `isoDate` and `ago` (see views/README.md and src/i18n/README.md).
     */
    page(name: string, data?: PageData): FastifyReply
    render(print: () => string): FastifyReply
  }
}

/** The request headers that pages depend on. */
export const variesBy = 'Accept, Accept-Language'

/** Renders pages from views/. */
export default fp(
  async (app) => {
    const { languages, sessions, home, paths, config } = app[services]
    const folder = dirname(fileURLToPath(import.meta.resolve('#views/layout.eta')))
    const { site, assetAddress: asset } = app
    const pages = new Pages({ languages, folder, own: config.views, fixed: { home, site, asset }, paths })
    // Pages are passed as functions, because @fastify/view copies its data for the view and again for the
    // layout.
    // Without it @fastify/view has a hook for each request.
    if (!app.hasReplyDecorator('locals')) app.decorateReply('locals', null)
    await app.register(fastifyView, { engine: { eta: pages }, root: folder, propertyName: 'render' })

    app.decorate('page', (request: FastifyRequest, name: string, data: PageData = {}) =>
      app.render(() => pages.render(name, dataOf(request, name, data)), {})
    )
    app.decorateReply('page', function (this: FastifyReply, name: string, data: PageData = {}) {
      const print = () => pages.render(name, dataOf(this.request, name, data))
      return this.header('vary', variesBy).render(print)
    })

    function dataOf(request: FastifyRequest, name: string, data: PageData) {
      const localizer = languages.localizerOf(request.raw)
      const { language, t, explain, date, isoDate, ago } = localizer
      const words = { lang: language.tag, dir: language.direction, t, explain, date, isoDate, ago }
      const title = titleOf(name, data, localizer)
      return {
        ...words,
        home,
        site,
        asset,
        ...signedIn(request),
        flash: takeFlash(request),
        ...data,
        title
      }
    }

    /** The user, and the time left. A request with an invalid address has no session. */
    function signedIn({ sessionUser: user, sessionData }: FastifyRequest) {
      if (user === undefined) return {}
      const { name: signedInAs, id: signedInId, role } = user
      const isAdministrator = role === 'admin' && paths.admin !== undefined
      return { signedInAs, signedInId, isAdministrator, timeLeft: sessions.timeLeft(sessionData) }
    }
  },
  { name: 'latchkey-views', dependencies: ['latchkey-session', 'latchkey-branding'] }
)

function titleOf(name: string, { title }: PageData, { t }: Localizer): string | undefined {
  const key = titleKeyOf(name)
  if (title === undefined) return key && t(key)
  return typeof title === 'string' ? title : t(title)
}

/** The view `account/end-session` has the title `account.endSession.title`. */
const titleKeyOf = memoize(100, (name: string) => {
  const key = `${name.replaceAll('/', '.').replace(/-./g, ([, letter = '']) => letter.toUpperCase())}.title`
  return isTextKey(key) ? key : undefined
})
