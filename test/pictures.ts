import { join } from 'node:path'
import Fastify from 'fastify'
import latchkey from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { serverOptions } from '../src/server-options.ts'
import { startChromium } from './servers/chromium.ts'

// `npm run pictures` makes docs/pictures anew: every page in light and dark, wide and narrow.
const folder = process.argv[2] ?? join(import.meta.dirname, '../docs/pictures')
const config = readConfig({ DATABASE_URL: 'file::memory:', LOG_LEVEL: 'error', REGISTRATION: 'open' })
const app = Fastify(serverOptions(config))
await app.register(latchkey, { config })
await app.latchkey.accounts.add({ username: 'Alice', password: 'correct horse battery' })
const url = await app.listen({ port: 0, host: '127.0.0.1' })
const chromium = await startChromium()

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [width, size] of [
    [720, ''],
    [320, '-narrow']
  ] as const) {
    const context = await chromium.newContext({ colorScheme, viewport: { width, height: 560 } })
    const page = await context.newPage()
    const picture = async (name: string) => {
      // A picture taken while the page is still being swapped for the next one fails.
      await page.waitForLoadState('networkidle')
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}${size}.png`) })
    }
    const enterPassword = async (password: string) => {
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: /Sign in|Create account/ }).click()
    }
    await page.goto(`${url}/register`)
    await picture('register')
    await page.goto(`${url}/login`)
    await picture('sign-in')
    await page.getByLabel('Name or e-mail').fill('Alice')
    await enterPassword('wrong')
    await picture('wrong-password')
    await enterPassword('correct horse battery')
    await picture('dashboard')
    await page.goto(`${url}/logout`)
    await picture('sign-out')
    await page.goto(`${url}/nothing`)
    await picture('not-found')
    await page.goto(url)
    await picture('start')
    await context.close()
  }
}
await chromium.close()
await app.close()
