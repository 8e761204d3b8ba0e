import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import type { Test } from 'tap'
import { topmost } from './topmost.ts'
import { onTrueClock } from './true-clock.ts'

const patienceMilliseconds = 120_000

const whole = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** The same pages in half the time: without all that people see around them. */
const bare = ['/usr/bin/chromium-headless-shell']

/**
 * A browser that has seen nothing yet, and whose pages are closed when the test ends. It is the same Chromium for
 * all tests of a process, unless one wants it started with arguments of its own.
 */
export async function startChromium(t: Test, ...more: string[]): Promise<Browser> {
  if (more.length > 0) {
    const browser = await launch([...bare, ...whole], more)
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

/** One that people have on their machines, with what keeps passwords and looks at forms. */
export async function startWholeChromium(t: Test): Promise<Browser> {
  const browser = await launchWholeChromium()
  t.teardown(() => browser.close())
  return browser
}

export function launchWholeChromium(): Promise<Browser> {
  return launch(whole)
}

let shared: Promise<Browser> | undefined

async function launchUntilTheEnd(t: Test): Promise<Browser> {
  const browser = await launch([...bare, ...whole])
  topmost(t).teardown(() => browser.close())
  return browser
}

/** The system's Chromium, without a window and without asking anything of the network by itself. */
async function launch(places: readonly string[], more: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? places.find(existsSync)
  if (!executablePath) throw new Error('No Chromium here: "npm test" installs it or says how.')
  const browser = await chromium.launch({
    executablePath,
    timeout: patienceMilliseconds,
    env: onTrueClock() as Record<string, string>,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-sync', ...more]
  })
  return patient(browser)
}

/** Has all that is done in a page take as long as a slow machine takes over it. */
function patient(browser: Browser): Browser {
  const newContext = browser.newContext.bind(browser)
  return Object.assign(browser, {
    newContext: async (...options: Parameters<Browser['newContext']>) => {
      const context = await newContext(...options)
      context.setDefaultTimeout(patienceMilliseconds)
      return context
    }
  })
}
