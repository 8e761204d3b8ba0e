import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Fastify from 'fastify'
import type { Browser } from 'playwright-core'
import { SMTPServer } from 'smtp-server'
import latchkey from '../src/app.ts'
import { serverOptions } from '../src/server/server-options.ts'
import { readConfig } from '../src/settings/config.ts'
import { everyPage, furtherPages } from './every-page.ts'
import { launchWholeChromium } from './servers/chromium.ts'

const settings = {
  DATABASE_URL: 'file::memory:',
  LOG_LEVEL: 'error',
  REGISTRATION: 'open',
  REGISTRATION_EMAIL: 'optional'
}
export const picturesFolder = join(import.meta.dirname, '../docs/pictures')
export const schemes = ['light', 'dark'] as const
/** Suffix of the name, and width of the page. */
export const widths = { '': 720, '-narrow': 320 } as const

/** Takes screenshots of pages, in order, in light and dark, wide and narrow. */
export async function takePictures(
  chromium: Browser,
  folder: string,
  pages = everyPage,
  more: Record<string, string> = {}
): Promise<void> {
  const config = readConfig({ ...settings, ...more })
  for (const colorScheme of schemes) {
    for (const [size, width] of Object.entries(widths)) {
      const app = Fastify(serverOptions(config))
      await app.register(latchkey, { config })
      furtherPages(app)
      // Passkeys work at a name only.
      const url = (await app.listen({ port: 0, host: '127.0.0.1' })).replace('127.0.0.1', 'localhost')
      const context = await chromium.newContext({ colorScheme, viewport: { width, height: 560 } })
      const page = await context.newPage()
      for (const [name, open] of Object.entries(pages)) {
        await open(page, url)
        // A screenshot taken during a page change fails.
        await page.waitForLoadState('networkidle')
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}${size}.png`) })
      }
      await context.close()
      await app.close()
    }
  }
}

/** It takes what others send, refuses one address for good and one for now: so the page of how it is doing shows both. */
async function startMailServer(): Promise<SMTPServer> {
  const refusals: Readonly<Record<string, number>> = { 'farida@example.org': 550, 'emil@example.org': 451 }
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], disableReverseLookup: true, closeTimeout: 1 },
    onRcptTo: ({ address }, _session, done) => {
      const responseCode = refusals[address]
      done(responseCode ? Object.assign(new Error('No such mailbox'), { responseCode }) : undefined)
    },
    onData: (stream, _session, done) => stream.resume().once('end', () => done())
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return server
}

// `npm run pictures` makes docs/pictures/.
if (import.meta.main) {
  const chromium = await launchWholeChromium()
  const server = await startMailServer()
  const { port } = server.server.address() as AddressInfo
  const mail = { MAIL_URL: `smtp://127.0.0.1:${port}` }
  await takePictures(chromium, process.argv[2] ?? picturesFolder, everyPage, mail)
  await chromium.close()
  server.close()
}
