import { type Browser, chromium } from 'playwright-core'
import type { Test } from 'tap'

/** The system's Chromium, without a window and without asking anything of the network by itself. */
export async function startChromium(t?: Test): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-sync'
    ]
  })
  t?.teardown(() => browser.close())
  return browser
}
