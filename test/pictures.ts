import { join } from 'node:path'
import Fastify from 'fastify'
import latchkey from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { serverOptions } from '../src/server-options.ts'
import { everyPage } from './every-page.ts'
import { launchWholeChromium } from './servers/chromium.ts'

// `npm run pictures` makes docs/pictures anew: every page in light and dark, wide and narrow.
const folder = process.argv[2] ?? join(import.meta.dirname, '../docs/pictures')
const config = readConfig({ DATABASE_URL: 'file::memory:', LOG_LEVEL: 'error', REGISTRATION: 'open' })
const sizes = { '': 720, '-narrow': 320 }
const chromium = await launchWholeChromium()

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, width] of Object.entries(sizes)) {
    const app = Fastify(serverOptions(config))
    await app.register(latchkey, { config })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const context = await chromium.newContext({ colorScheme, viewport: { width, height: 560 } })
    const page = await context.newPage()
    for (const [name, open] of Object.entries(everyPage)) {
      await open(page, url)
      // A picture taken while the page is still being swapped for the next one fails.
      await page.waitForLoadState('networkidle')
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}${size}.png`) })
    }
    await context.close()
    await app.close()
  }
}
await chromium.close()
