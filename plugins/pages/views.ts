import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyView from '@fastify/view'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { OwnViews } from '../../src/own-views.ts'
import { timeLeft } from '../../src/sessions/lifetimes.ts'
import { ownerOf } from '../../src/sessions/session-record.ts'
import { isTextKey } from '../../src/texts/language.ts'
import type { Reader } from '../../src/texts/reader.ts'
import type { Saying } from '../../src/texts/texts.ts'
import { takeNotice } from './notices.ts'

/** `title` is, where it is left out, the text `NAME.title`. */
type PageData = Readonly<{ title?: Saying | string; [key: string]: unknown }>

declare module 'fastify' {
  interface FastifyInstance {
    page(request: FastifyRequest, name: string, data?: PageData): Promise<string>
    /** What @fastify/view adds; pages come from `page`. */
    render(name: string, data: object): Promise<string>
  }
  interface FastifyReply {
    /**
     * Answers with views/NAME.eta inside the layout, in the reader's language; `it` in the view is `data`, `asset` and
     * `say`, `explain`, `date` and `ago` (see views/README.md and src/texts/README.md).
     */
    page(name: string, data?: PageData): FastifyReply
    render(name: string, data: object): FastifyReply
  }
}

/** What decides which page somebody gets. */
export const variesBy = 'Accept, Accept-Language'

/** Pages out of views/. */
export default fp(
  async (app) => {
    const { languages, sessions, home } = app.latchkey
    const views = dirname(fileURLToPath(import.meta.resolve('#views/layout.eta')))
    await app.register(fastifyView, {
      engine: { eta: new OwnViews(views, app.latchkey.config.views) },
      root: views,
      layout: 'layout.eta',
      propertyName: 'render',
      // Without this every request compiles its templates anew; `npm run dev` restarts when one changes.
      production: true
    })

    app.decorate('page', (request: FastifyRequest, name: string, data: PageData = {}) =>
      app.render(name, dataOf(request, name, data))
    )
    app.decorateReply('page', function (this: FastifyReply, name: string, data: PageData = {}) {
      return this.header('vary', variesBy).render(name, dataOf(this.request, name, data))
    })

    function dataOf(request: FastifyRequest, name: string, data: PageData) {
      const reader = languages.readerOf(request.raw)
      const person = { ...signedIn(request), notice: takeNotice(request) }
      const title = titleOf(name, data, reader)
      return { home, site: app.site, asset: app.assetAddress, ...wordsFor(reader), ...person, ...data, title }
    }

    /** Who it is and for how long. A request whose address cannot be decoded has no session. */
    function signedIn({ remembered = {} }: FastifyRequest) {
      const { startedAt = Date.now(), ...session } = remembered
      const signedInAs = ownerOf(remembered)
      if (signedInAs === undefined) return {}
      const left = timeLeft({ startedAt, ...session }, sessions.lifetimes, sessions.ageOf(remembered))
      return { signedInAs, timeLeft: left }
    }
  },
  { name: 'latchkey-views', dependencies: ['latchkey-session', 'latchkey-look'] }
)

function titleOf(name: string, { title }: PageData, reader: Reader): string | undefined {
  const key = `${name.replaceAll('/', '.')}.title`
  if (title === undefined) return isTextKey(key) ? reader.say(key) : undefined
  return typeof title === 'string' ? title : reader.say(title)
}

/** What every view can say; see src/texts/README.md. */
function wordsFor(reader: Reader) {
  return {
    lang: reader.language.tag,
    dir: reader.language.direction,
    say: reader.say.bind(reader),
    explain: reader.explain.bind(reader),
    date: reader.date.bind(reader),
    ago: reader.ago.bind(reader)
  }
}
