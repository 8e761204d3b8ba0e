import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import type { Test } from 'tap'

const usualPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The system's Chromium, without a window and without asking anything of the network by itself. */
export async function startChromium(t?: Test, ...more: string[]): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? usualPlaces.find(existsSync)
  if (!executablePath) throw new Error('No Chromium here: "npm test" installs it or says how.')
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-sync', ...more]
  })
  t?.teardown(() => browser.close())
  return browser
}
