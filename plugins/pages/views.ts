import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyView from '@fastify/view'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { isTextKey } from '../../src/i18n/language.ts'
import type { Localizer } from '../../src/i18n/localizer.ts'
import type { Message } from '../../src/i18n/texts.ts'
import { memoize } from '../../src/primitives/memoize.ts'
import { timeLeft } from '../../src/sessions/lifetimes.ts'
import { ownerOf } from '../../src/sessions/session-record.ts'
import { Pages } from '../../src/views/pages.ts'
import { takeFlash } from './flash.ts'

/** `title` is, where it is left out, the text `NAME.title`. */
type PageData = Readonly<{ title?: Message | string; [key: string]: unknown }>

declare module 'fastify' {
  interface FastifyInstance {
    page(request: FastifyRequest, name: string, data?: PageData): Promise<string>
    /** What @fastify/view adds; pages come from `page`. */
    render(print: () => string, data: object): Promise<string>
  }
  interface FastifyReply {
    /**
     * Answers with views/NAME.eta inside the layout, in the reader's language; `it` in the view is `data`, `asset` and
     * `t`, `explain`, `date`, `isoDate` and `ago` (see views/README.md and src/i18n/README.md).
     */
    page(name: string, data?: PageData): FastifyReply
    render(print: () => string): FastifyReply
  }
}

/** What decides which page somebody gets. */
export const variesBy = 'Accept, Accept-Language'

/** Pages out of views/. */
export default fp(
  async (app) => {
    const { languages, sessions, home, config } = app.latchkey
    const folder = dirname(fileURLToPath(import.meta.resolve('#views/layout.eta')))
    const { site, assetAddress: asset } = app
    const pages = new Pages({ languages, folder, own: config.views, fixed: { home, site, asset } })
    // It would copy what a view says into an object of its own, and that again for the layout: pages come as functions.
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

    /** Who it is and for how long. A request whose address cannot be decoded has no session. */
    function signedIn({ sessionData = {} }: FastifyRequest) {
      const signedInAs = ownerOf(sessionData)
      if (signedInAs === undefined) return {}
      const left = timeLeft(sessionData, sessions.lifetimes, sessions.ageOf(sessionData))
      return { signedInAs, timeLeft: left }
    }
  },
  { name: 'latchkey-views', dependencies: ['latchkey-session', 'latchkey-branding'] }
)

function titleOf(name: string, { title }: PageData, { t }: Localizer): string | undefined {
  const key = titleKeyOf(name)
  if (title === undefined) return key && t(key)
  return typeof title === 'string' ? title : t(title)
}

const titleKeyOf = memoize(100, (name: string) => {
  const key = `${name.replaceAll('/', '.')}.title`
  return isTextKey(key) ? key : undefined
})
