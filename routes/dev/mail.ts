import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { templates } from '../../src/mail/message.ts'
import { services } from '../../src/open-services.ts'
import { Mails } from '../../src/views/mails.ts'
import { sampleMails } from '../../src/views/sample-mails.ts'

/** Every mail with sample data, in every language, as text: for whoever writes views and texts. */
export default async function mail(app: FastifyInstance) {
  const { config, languages, paths } = app[services]
  const folder = dirname(fileURLToPath(import.meta.resolve('#views/layout.eta')))
  const pagesUrl = paths.urlOfPage('', config.port)
  const samples = sampleMails(pagesUrl)

  app.get('/mail', async (_request, reply) => {
    // Views are read anew each time.
    const site = config.branding.name
    const mails = new Mails({ languages, folder, own: config.views, site, pagesUrl })
    const shown = templates.flatMap((template) =>
      languages.all.flatMap(({ tag }) =>
        samples[template].map((data) => {
          const { subject, text } = mails.render({ template, language: tag, data })
          return `=== ${template} (${tag})\n\nSubject: ${subject}\n\n${text}`
        })
      )
    )
    return reply.type('text/plain; charset=utf-8').send(shown.join('\n\n'))
  })
}
