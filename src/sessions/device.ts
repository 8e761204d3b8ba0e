import { createRequire } from 'node:module'
import { memoize } from '../primitives/memoize.ts'
import { once } from '../primitives/once.ts'
import type { SessionRecord } from './session-record.ts'

/** Names of the browser and system that signed in; undefined if unknown. */
export interface Device {
  /** `Firefox`, or a program's own name: `curl`. */
  readonly browser: string | undefined
  /** `Windows`, `Android`. */
  readonly system: string | undefined
}

const maxUserAgentLength = 256

const program = /^(?!Mozilla|Opera)([\w-]{2,30})\/[\w.]+/

/**
 * Names a browser and its system by the User-Agent. Anybody can send any: it helps people to recognise their
 * sessions, and decides nothing.
 */
export function deviceOf(userAgent: string | undefined): Device {
  return userAgent ? namesOf(userAgent) : { browser: undefined, system: undefined }
}

/** All users of a browser send the same. */
const namesOf = memoize(500, (userAgent: string): Device => {
  const { parse, browsers, systems } = bowser()
  const { browser, os } = parse(userAgent)
  return {
    // Bowser makes names for unknown browsers from the input.
    browser: browsers.has(browser.name) ? browser.name : program.exec(userAgent)?.[1],
    system: systems.has(os.name) ? os.name : undefined
  }
})

/** What a session stores of a User-Agent: the names, or its beginning if they are unknown. */
export function deviceFields(userAgent = ''): Pick<SessionRecord, 'device' | 'userAgent'> {
  const beginning = userAgent.slice(0, maxUserAgentLength)
  const { browser, system } = deviceOf(beginning)
  return browser === undefined ? { userAgent: beginning } : { device: [browser, system ?? null] }
}

/** From the fields of a session. An app that shares it may store something else under these names. */
export function deviceFrom({ device, userAgent }: Pick<SessionRecord, 'device' | 'userAgent'>): Device {
  if (!Array.isArray(device)) return deviceOf(userAgent)
  const [browser, system] = device.map((name) => (typeof name === 'string' ? name : undefined))
  return { browser, system }
}

/** Loaded at the first sign-in: a start and a command need none of it. */
const bowser = once(() => {
  const Bowser: typeof import('bowser') = createRequire(import.meta.url)('bowser')
  return {
    parse: (userAgent: string) => Bowser.parse(userAgent),
    browsers: new Set<string | undefined>(Object.values(Bowser.BROWSER_MAP)),
    systems: new Set<string | undefined>(Object.values(Bowser.OS_MAP))
  }
})
