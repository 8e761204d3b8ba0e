import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'
import { rootTest } from './root-test.ts'
import { onTrueClock } from './true-clock.ts'

const patienceMilliseconds = 120_000

const whole = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** The headless shell renders the same pages in half the time. */
const bare = ['/usr/bin/chromium-headless-shell']

/**
 * A fresh browser whose pages are closed when the test ends. All tests of a process share one Chromium, for
 * which every name under .lan and .example is this machine, unless a test starts it with its own arguments.
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

/** The full browser, with password manager and form checks. */
export async function startWholeChromium(t: Test): Promise<Browser> {
  const browser = await launchWholeChromium()
  t.teardown(() => browser.close())
  return browser
}

export function launchWholeChromium(): Promise<Browser> {
  return launch(whole)
}

/** From here on time passes on the page only with `page.clock.runFor`, however slow the machine. */
export async function stopClock(page: Page): Promise<void> {
  await page.clock.install()
  // A time that is not yet past when it arrives there.
  await page.clock.pauseAt(Date.now() + 3_600_000)
}

let shared: Promise<Browser> | undefined

async function launchUntilTheEnd(t: Test): Promise<Browser> {
  const browser = await launch(
    [...bare, ...whole],
    ['--host-resolver-rules=MAP *.lan 127.0.0.1, MAP *.example 127.0.0.1']
  )
  rootTest(t).teardown(() => browser.close())
  return browser
}

/** The system's Chromium, headless and without network requests of its own. */
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

/** Gives everything on a page the time that a slow machine needs. */
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
