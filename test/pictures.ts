import { join } from 'node:path'
import Fastify from 'fastify'
import type { Browser } from 'playwright-core'
import latchkey from '../src/app.ts'
import { serverOptions } from '../src/server/server-options.ts'
import { readConfig } from '../src/settings/config.ts'
import { everyPage, furtherPages } from './every-page.ts'
import { launchWholeChromium } from './servers/chromium.ts'

const config = readConfig({
  DATABASE_URL: 'file::memory:',
  LOG_LEVEL: 'error',
  REGISTRATION: 'open',
  REGISTRATION_EMAIL: 'optional'
})
export const picturesFolder = join(import.meta.dirname, '../docs/pictures')
export const schemes = ['light', 'dark'] as const
/** Suffix of the name, and width of the page. */
export const widths = { '': 720, '-narrow': 320 } as const

/** Takes screenshots of pages, in order, in light and dark, wide and narrow. */
export async function takePictures(chromium: Browser, folder: string, pages = everyPage): Promise<void> {
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

// `npm run pictures` makes docs/pictures/.
if (import.meta.main) {
  const chromium = await launchWholeChromium()
  await takePictures(chromium, process.argv[2] ?? picturesFolder)
  await chromium.close()
}
