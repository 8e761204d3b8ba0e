import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import type { Subject } from './compare.ts'
import { enter } from './measure.ts'
import { startRedis, urlOf } from './redis-process.ts'
import { type ServerProcess, startServer } from './server-process.ts'
import { secret } from './servers/serve.ts'

export const people = 100

const peers = {
  'Latchkey on Redis': ['latchkey-plugin', {}],
  'Latchkey on the embedded database': ['latchkey-plugin', { REDIS_URL: '' }],
  'latchkey/express on Redis': ['latchkey-express', {}],
  '@fastify/secure-session (cannot end a session)': ['secure-session', {}],
  '@fastify/session + connect-redis, tuned': ['fastify-session', { TUNED: '1' }],
  '@fastify/session + connect-redis, defaults': ['fastify-session', {}],
  'Express, no session': ['bare-express', {}],
  'Express + express-session, memory': ['express-session', {}],
  'Express + express-session + connect-redis': ['express-session', { PEER_STORE: 'redis' }],
  'better-auth getSession, Redis': ['better-auth', {}],
  'better-auth getSession, cookie cache': ['better-auth', { COOKIE_CACHE: '1' }]
} satisfies Record<string, [string, Record<string, string>]>

export type Peer = keyof typeof peers

/** All servers, each with so many signed-in users. */
export interface Town {
  readonly redis: Redis
  readonly env: Record<string, string>
  readonly bare: ServerProcess
  readonly service: ServerProcess
  readonly embeddedService: ServerProcess
  readonly peers: readonly {
    readonly label: Peer
    readonly server: ServerProcess
    readonly cookies: string[]
  }[]
}

/** @param peers whether to start them too, which takes longest */
export async function settle({ peers: withPeers }: { readonly peers: boolean }): Promise<Town> {
  const redis = await startRedis()
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  let files = 0
  const env = { REDIS_URL: urlOf(redis), SESSION_SECRET: secret, DATABASE_URL: 'file::memory:' }
  const start = (name: string, own: Record<string, string> = {}) => {
    files += 1
    return startServer(name, { ...env, DATABASE_URL: `file:${folder}/${files}.db`, ...own })
  }
  const bare = await start('bare')
  const service = await start('latchkey-service')
  const embeddedService = await start('latchkey-service', { REDIS_URL: '' })
  const settled = []
  for (const [label, [name, own]] of Object.entries(withPeers ? peers : {})) {
    const server = await start(name, own)
    settled.push({ label: label as Peer, server, cookies: await enter(server, people) })
  }
  return { redis, env, bare, service, embeddedService, peers: settled }
}

export const limit = 'bare Fastify, no session: the limit'

/** The page of those peers, after the limit. */
export function reading(town: Town, path: string, labels?: readonly Peer[]): Subject[] {
  const chosen = town.peers.filter(({ label }) => labels?.includes(label) ?? true)
  const isForm = path === '/login'
  const expected = isForm ? 'Sign in first' : 'You are signed in'
  return [
    { label: limit, server: town.bare, path, cookies: [], expected },
    ...chosen.map(({ label, server, cookies }) => ({
      label,
      server,
      path,
      cookies: isForm ? [] : cookies,
      expected
    }))
  ]
}
