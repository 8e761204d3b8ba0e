import Bowser from 'bowser'
import { memoize } from '../primitives/memoize.ts'
import type { SessionRecord } from './session-record.ts'

/** What somebody signed in with, by names that people know; undefined where the browser does not say. */
export interface Device {
  /** `Firefox`, or a program's own name: `curl`. */
  readonly browser: string | undefined
  /** `Windows`, `Android`. */
  readonly system: string | undefined
}

const maxUserAgentLength = 256

const browsers = new Set<string | undefined>(Object.values(Bowser.BROWSER_MAP))
const systems = new Set<string | undefined>(Object.values(Bowser.OS_MAP))
const program = /^(?!Mozilla|Opera)([\w-]{2,30})\/[\w.]+/

/**
 * Tells a browser and its system by the User-Agent. Anybody can send any: it helps people to tell their own
 * sessions apart, and decides nothing.
 */
export function deviceOf(userAgent: string | undefined): Device {
  return userAgent ? namesOf(userAgent) : { browser: undefined, system: undefined }
}

/** Everybody with the same browser sends the same. */
const namesOf = memoize(500, (userAgent: string): Device => {
  const { browser, os } = Bowser.parse(userAgent)
  return {
    // Of what it does not know, Bowser makes a name out of whatever was sent.
    browser: browsers.has(browser.name) ? browser.name : program.exec(userAgent)?.[1],
    system: systems.has(os.name) ? os.name : undefined
  }
})

/** What a session keeps of a User-Agent: the names in it, or its beginning where there are none that people know. */
export function deviceFields(userAgent = ''): Pick<SessionRecord, 'device' | 'userAgent'> {
  const beginning = userAgent.slice(0, maxUserAgentLength)
  const { browser, system } = deviceOf(beginning)
  return browser === undefined ? { userAgent: beginning } : { device: [browser, system ?? null] }
}

/** With what a session began. An app that shares it may keep something else under the same name. */
export function deviceFrom({ device, userAgent }: Pick<SessionRecord, 'device' | 'userAgent'>): Device {
  if (!Array.isArray(device)) return deviceOf(userAgent)
  const [browser, system] = device.map((name) => (typeof name === 'string' ? name : undefined))
  return { browser, system }
}
