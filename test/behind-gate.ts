import type { Test } from 'tap'
import { alice, build, Visitor } from './build.ts'

/** The service as the gate of app.example.org. */
export const env = {
  PUBLIC_URL: 'https://login.example.org',
  TRUST_PROXY: 'loopback',
  COOKIE_DOMAIN: 'example.org',
  GATE_HOSTS: 'app.example.org'
}

/** What every proxy adds. */
export const proxied = {
  'x-forwarded-for': '192.0.2.1',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'app.example.org'
}
export const asNginx = { ...proxied, 'x-original-url': 'https://app.example.org/notes?page=2&order=desc' }
export const asTraefik = {
  ...proxied,
  'x-forwarded-method': 'GET',
  'x-forwarded-uri': '/notes?page=2&order=desc'
}

/** Her browser asks the gate; `pass` sets the clock forward. */
export async function open(t: Test, name = alice.username, more: Record<string, string> = {}) {
  let time = Date.now()
  const app = await build(t, { env: { ...env, ...more }, now: () => time })
  await app.latchkey.accounts.add({ ...alice, username: name })
  const browser = new Visitor(app, 'browser')
  const ask = (headers: Record<string, string>, visitor = browser) => visitor.get('/gate', { headers })
  const signIn = () => browser.submit('/login', { ...alice, username: name }, { headers: proxied })
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { app, browser, ask, signIn, pass }
}

/** Where the gate leads, or its status. */
export function led({ statusCode, headers }: { statusCode: number; headers: Record<string, unknown> }) {
  const { location } = headers
  return typeof location === 'string' ? new URL(location).pathname : statusCode
}
