import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../test/servers/eventually.ts'
import { infoOf, type RedisServer, startRedis } from '../../test/servers/redis.ts'
import { startRedisCluster } from '../../test/servers/redis-cluster.ts'
import { startSentinelSetup } from '../../test/servers/redis-sentinel.ts'
import { Relay } from './relay.ts'
import type { Scope } from './scope.ts'

/** Redis, alone, behind Sentinels or as a Cluster, and the links that lead to it. */
export interface RedisSite {
  /** REDIS_URL for a process. */
  urlFor(process: string): Promise<string>
  /** The links of all processes, or those of one if each has its own. */
  links(process?: string): readonly Relay[]
  /** Whether each process has a link of its own. */
  readonly hasOwnLinks: boolean
  /** The servers that take writes. */
  masters(): Promise<readonly RedisServer[]>
  /** Lets a replica take over from a master that is stopped. */
  promote?(master: RedisServer): Promise<void>
  /** Starts a server again as what it was. */
  restart(server: RedisServer): Promise<void>
}

export async function startSingle(scope: Scope): Promise<RedisSite> {
  const server = await startRedis(scope.asTest)
  const links = new Map<string, Relay>()
  return {
    urlFor: async (process) => {
      const link = await Relay.start(server.port)
      scope.teardown(() => link.close())
      links.set(process, link)
      return `redis://127.0.0.1:${link.port}`
    },
    links: (process) => (process === undefined ? [...links.values()] : [links.get(process) ?? []].flat()),
    hasOwnLinks: true,
    masters: async () => [server],
    restart: (server) => server.start()
  }
}

export async function startSentinel(scope: Scope): Promise<RedisSite> {
  const { relays, announce } = announced(scope)
  const setup = await startSentinelSetup(scope.asTest, announce)
  const masters = async () => [await setup.master()]
  return {
    urlFor: async () => setup.url,
    links: () => relays,
    hasOwnLinks: false,
    masters,
    promote: () => setup.failOver(),
    // Its arguments say whose replica it was at first.
    restart: async (server) => {
      const isMaster = (await masters()).includes(server)
      await server.start(...(isMaster ? ['--replicaof', 'no', 'one'] : []))
    }
  }
}

export async function startCluster(scope: Scope): Promise<RedisSite> {
  const { relays, announce } = announced(scope)
  const cluster = await startRedisCluster(scope.asTest, announce)
  return {
    urlFor: async () => cluster.url,
    links: () => relays,
    hasOwnLinks: false,
    masters: async () => {
      const roles = await Promise.all(cluster.nodes.map(({ port }) => infoOf(port, 'role')))
      return cluster.nodes.filter((_, place) => roles[place] === 'master')
    },
    promote: (master) => cluster.takeOver(master),
    restart: (server) => server.start()
  }
}

/** Every server is known to the others and to clients under the port of its relay. */
function announced(scope: Scope) {
  const relays: Relay[] = []
  const announce = async (port: Promise<number>) => {
    const relay = await Relay.start(port)
    scope.teardown(() => relay.close())
    relays.push(relay)
    return relay.port
  }
  return { relays, announce }
}

/** A copy of what a server has stored, which it can be given back. */
export async function snapshotOf(server: RedisServer): Promise<{ restore(): Promise<void> }> {
  const dir = await folderOf(server)
  const log = join(dir, 'appendonlydir')
  const copy = join(dir, 'snapshot')
  await rm(copy, { recursive: true, force: true })
  await cp(log, copy, { recursive: true })
  return {
    restore: async () => {
      await rm(log, { recursive: true })
      await cp(copy, log, { recursive: true })
    }
  }
}

/**
 * Lets a server take on an earlier state over its open connections: it becomes the replica of one that has that state,
 * and a master again.
 */
export async function resynced(
  scope: Scope,
  server: RedisServer,
  wait: () => Promise<unknown>
): Promise<void> {
  const own = ['127.0.0.1', server.port] as const
  const earlier = await startRedis(scope.asTest, '--repl-diskless-sync-delay', '0')
  try {
    await earlier.ask('REPLICAOF', ...own)
    await eventually('a copy', async () => (await infoOf(earlier.port, 'master_link_status')) === 'up')
    await earlier.ask('REPLICAOF', 'NO', 'ONE')
    await wait()
    await server.ask('REPLICAOF', '127.0.0.1', earlier.port)
    await eventually(
      'the earlier state',
      async () => (await infoOf(server.port, 'master_link_status')) === 'up'
    )
    await server.ask('REPLICAOF', 'NO', 'ONE')
  } finally {
    await earlier.stop()
  }
}

async function folderOf(server: RedisServer): Promise<string> {
  const [, dir] = [await server.ask('CONFIG', 'GET', 'dir')].flat()
  return String(dir)
}
