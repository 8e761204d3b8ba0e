import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import type { Test } from 'tap'

const usualPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * A browser that has seen nothing yet, and whose pages are closed when the test ends. It is the same Chromium for
 * all tests of a process, unless one wants it started with arguments of its own.
 */
export async function startChromium(t: Test, ...more: string[]): Promise<Browser> {
  if (more.length > 0) {
    const browser = await launchChromium(...more)
    t.teardown(() => browser.close())
    return browser
  }
  shared ??= launchUntilTheEnd(t)
  const browser = await shared
  const older = new Set(browser.contexts())
  t.teardown(async () => {
    for (const context of browser.contexts()) if (!older.has(context)) await context.close()
  })
  return browser
}

let shared: Promise<Browser> | undefined

async function launchUntilTheEnd(t: Test): Promise<Browser> {
  const browser = await launchChromium()
  let whole = t
  while (whole.parent) whole = whole.parent as Test
  whole.teardown(() => browser.close())
  return browser
}

/** The system's Chromium, without a window and without asking anything of the network by itself. */
export async function launchChromium(...more: string[]): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? usualPlaces.find(existsSync)
  if (!executablePath) throw new Error('No Chromium here: "npm test" installs it or says how.')
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-sync', ...more]
  })
}
