import type { Test } from 'tap'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { askRedis, infoOf, type RedisServer, replicated, startRedis } from './redis.ts'
import type { Announce } from './redis-sentinel.ts'
import { clusterRights, documentedRights, userWith } from './redis-user.ts'

export interface RedisCluster {
  /** For REDIS_URL. */
  readonly url: string
  readonly nodes: readonly RedisServer[]
  /** The master of the key's slot, according to the first node that answers. */
  masterOf(key: string): Promise<RedisServer>
  /** Lets the replica take over from the master, as it does after a vote; waits until all nodes know. */
  takeOver(master: RedisServer): Promise<void>
  /** Moves the key's slot with its keys, in the steps of `redis-cli --cluster reshard`. */
  moveSlotOf(key: string, to: RedisServer, betweenSteps: () => Promise<unknown>): Promise<void>
  /** Waits until the replicas have all acknowledged writes. */
  replicated(): Promise<void>
}

const slotRanges = [
  [0, 5460],
  [5461, 10_922],
  [10_923, 16_383]
] as const
const settings = {
  '--cluster-enabled': 'yes',
  // No automatic failover on a busy machine: see `takeOver`.
  '--cluster-replica-no-failover': 'yes',
  // Nodes ping each other twice in this time, so it is short until they have met.
  '--cluster-node-timeout': '1000',
  // The remaining masters serve their slots.
  '--cluster-require-full-coverage': 'no',
  '--cluster-allow-replica-migration': 'no',
  // A replica at offset 0 does not count.
  '--repl-ping-replica-period': '1',
  '--repl-diskless-sync-delay': '0'
}

const patience = ['cluster-node-timeout', '60000'] as const

/** Three masters with a replica each, which take over when told to. */
export async function startRedisCluster(t: Test, announce?: Announce): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: 6 }, () => startNode(t, announce)))
  await meet(nodes)
  const masters = nodes.slice(0, 3)
  const pairs = masters.map((master, index) => [master, nodes[index + 3]!] as const)
  await Promise.all(pairs.map(([master, replica]) => follow(master.server, replica.server)))
  const servers = nodes.map(({ server }) => server)
  const knownAs = (port: number) => servers[nodes.findIndex((node) => node.port === port)]!
  await Promise.all(servers.map(knowsEverybody))
  await Promise.all(servers.map((server) => server.configure(...patience)))

  return {
    url: `redis-cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join()}`,
    nodes: servers,
    masterOf: async (key) => {
      const answers = servers.map((server) => masterAsSeenBy(server, key))
      return knownAs(await Promise.any(answers))
    },
    takeOver: async (master) => {
      const pair = pairs.find((pair) => pair.some(({ server }) => server === master))!
      const replica = pair.find(({ server }) => server !== master)!
      await replica.server.ask('CLUSTER', 'FAILOVER', 'TAKEOVER')
      await eventually('a new master that all others know', async () => {
        const others = servers.filter((server) => server !== master)
        const seen = await Promise.all(others.map(({ port }) => slotsAsSeenBy(port)))
        return seen.every((ranges) => ranges.some((range) => range.master === replica.port))
      })
    },
    moveSlotOf: (key, to, betweenSteps) => moveSlot({ key, to, knownAs, betweenSteps }),
    replicated: async () => {
      await Promise.all(
        pairs.map(([master, replica]) => replicated(master.server.port, [replica.server.port]))
      )
    }
  }
}

interface Node {
  readonly server: RedisServer
  /** Under which clients and other nodes know it. */
  readonly port: number
  /** Its port for the other nodes. */
  readonly busPort: number
}

async function startNode(t: Test, announce?: Announce): Promise<Node> {
  const busPort = await freePort()
  const { promise, resolve } = Promise.withResolvers<number>()
  const announced = await announce?.(promise)
  const own = announced === undefined ? [] : ['--cluster-announce-port', `${announced}`]
  const words = [...Object.entries(settings).flat(), '--cluster-port', `${busPort}`, ...own]
  const user = userWith([...documentedRights, ...clusterRights])
  const server = await startRedis(t, ...words, ...user)
  resolve(server.port)
  const start: RedisServer['start'] = async (...more) => {
    await server.start(...more)
    await server.configure(...patience)
  }
  return { server: { ...server, start }, port: announced ?? server.port, busPort }
}

async function meet(nodes: readonly Node[]): Promise<void> {
  const [first, ...others] = nodes
  await Promise.all(nodes.map(({ server }, index) => server.ask('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)))
  await Promise.all(
    slotRanges.map((range, index) => nodes[index]!.server.ask('CLUSTER', 'ADDSLOTSRANGE', ...range))
  )
  for (const { server, busPort } of others) {
    await first!.server.ask('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort)
  }
  for (const { server } of nodes) {
    await eventually('a node that knows six', async () => {
      return (await infoOf(server.port, 'cluster_known_nodes', ['CLUSTER', 'INFO'])) === '6'
    })
  }
}

async function follow(master: RedisServer, replica: RedisServer): Promise<void> {
  const id = String(await master.ask('CLUSTER', 'MYID'))
  await eventually('a replica', async () => (await replica.ask('CLUSTER', 'REPLICATE', id)) === 'OK')
  await eventually('a replica that follows', async () => {
    return (await infoOf(replica.port, 'master_link_status')) === 'up'
  })
}

async function knowsEverybody({ port }: RedisServer): Promise<void> {
  await eventually('a node that knows every replica and is ready', async () => {
    const ranges = await slotsAsSeenBy(port)
    const state = await infoOf(port, 'cluster_state', ['CLUSTER', 'INFO'])
    return state === 'ok' && ranges.length === 3 && ranges.every(({ replicas }) => replicas === 1)
  })
}

async function masterAsSeenBy({ port }: RedisServer, key: string): Promise<number> {
  const slot = Number(await askRedis(port, 'CLUSTER', 'KEYSLOT', key))
  const range = (await slotsAsSeenBy(port)).find(({ from, to }) => slot >= from && slot <= to)
  return range!.master
}

async function slotsAsSeenBy(port: number) {
  const ranges = (await askRedis(port, 'CLUSTER', 'SLOTS')) as [number, number, ...[string, number][]][]
  return ranges.map(([from, to, master, ...replicas]) => ({
    from,
    to,
    master: master![1],
    replicas: replicas.length
  }))
}

interface Move {
  readonly key: string
  readonly to: RedisServer
  readonly knownAs: (port: number) => RedisServer
  readonly betweenSteps: () => Promise<unknown>
}

async function moveSlot({ key, to, knownAs, betweenSteps }: Move): Promise<void> {
  const slot = Number(await to.ask('CLUSTER', 'KEYSLOT', key))
  const from = knownAs(await masterAsSeenBy(to, key))
  const [fromId, toId] = await Promise.all(
    [from, to].map(async (server) => String(await server.ask('CLUSTER', 'MYID')))
  )

  await to.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId!)
  await from.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId!)
  await betweenSteps()
  for (;;) {
    const keys = (await from.ask('CLUSTER', 'GETKEYSINSLOT', slot, 1)) as string[]
    if (keys.length === 0) break
    await from.ask('MIGRATE', '127.0.0.1', to.port, '', 0, 60_000, 'KEYS', ...keys)
    await betweenSteps()
  }
  await to.ask('CLUSTER', 'SETSLOT', slot, 'NODE', toId!)
  await betweenSteps()
  await from.ask('CLUSTER', 'SETSLOT', slot, 'NODE', toId!)
}
