import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { askRedis, infoOf, ownFolder, type RedisServer, replicated, startRedis } from './redis.ts'
import { startRedisProcess } from './redis-process.ts'

export interface SentinelSetup {
  /** For REDIS_URL. */
  readonly url: string
  /** The master according to the Sentinels. */
  master(): Promise<RedisServer>
  /** Lets them choose another master, as they do when the old one is down; waits until it is done. */
  failOver(): Promise<void>
  /** Waits until the replicas have all acknowledged writes. */
  replicated(): Promise<void>
}

/** Makes a relay to a port that becomes known later. @returns the relay's own port, under which a server is known */
export type Announce = (port: Promise<number>) => Promise<number>

/** A master, two replicas and three Sentinels, which fail over when told to. */
export async function startSentinelSetup(t: Test, announce?: Announce): Promise<SentinelSetup> {
  const { servers, ports } = await startServers(t, announce)
  const portOf = (server: RedisServer) => ports[servers.indexOf(server)]!
  const sentinels = await Promise.all(servers.map(() => startSentinel(t, ports[0]!)))
  await Promise.all(sentinels.map(knowsEverybody))

  const master = async () => {
    const address = await askRedis(sentinels[0]!, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster')
    const [, port] = [address].flat()
    return servers.find((server) => String(portOf(server)) === port)!
  }
  return {
    url: `redis-sentinel://${sentinels.map((port) => `127.0.0.1:${port}`).join()}/0#mymaster`,
    master,
    failOver: async () => {
      const before = await master()
      await eventually('a replica that can take over', () =>
        askRedis(sentinels[0]!, 'SENTINEL', 'FAILOVER', 'mymaster')
      )
      await eventually('another master', async () => {
        const now = await master()
        return now !== before && (await infoOf(now.port, 'role')) === 'master'
      })
    },
    replicated: async () => {
      const now = await master()
      const replicas = servers.filter((server) => server !== now)
      // A restarted replica is told at once; Sentinels take their time.
      await Promise.all(replicas.map((server) => server.ask('REPLICAOF', '127.0.0.1', portOf(now))))
      await replicated(
        now.port,
        replicas.map(({ port }) => port)
      )
    }
  }
}

async function startServers(t: Test, announce?: Announce) {
  const master = await startAnnounced(t, announce)
  const replicaOf = ['--replicaof', '127.0.0.1', `${master.port}`]
  const startReplica = () => startAnnounced(t, announce, ...replicaOf)
  const all = [master, ...(await Promise.all([startReplica(), startReplica()]))]
  return { servers: all.map(({ server }) => server), ports: all.map(({ port }) => port) }
}

async function startAnnounced(t: Test, announce?: Announce, ...settings: string[]) {
  const quick = ['--repl-diskless-sync-delay', '0']
  if (!announce) {
    const server = await startRedis(t, ...quick, ...settings)
    return { server, port: server.port }
  }
  const { promise, resolve } = Promise.withResolvers<number>()
  const port = await announce(promise)
  const server = await startRedis(t, ...quick, '--replica-announce-port', `${port}`, ...settings)
  resolve(server.port)
  return { server, port }
}

async function startSentinel(t: Test, master: number): Promise<number> {
  const folder = await ownFolder(t)
  const port = await freePort()
  const file = join(folder, 'sentinel.conf')
  const settings = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor mymaster 127.0.0.1 ${master} 2`,
    // No failover because of a busy machine.
    'sentinel down-after-milliseconds mymaster 600000',
    'sentinel failover-timeout mymaster 60000'
  ]
  await writeFile(file, settings.join('\n'))
  await startRedisProcess(t, port, [file, '--sentinel'])
  // Neither a busy machine nor a changed clock makes them pause for half a minute.
  await askRedis(port, 'SENTINEL', 'DEBUG', 'TILT-TRIGGER', '86400000', 'PUBLISH-PERIOD', '500')
  return port
}

async function knowsEverybody(sentinel: number): Promise<void> {
  await eventually('a Sentinel that knows all others', async () => {
    const found = [await askRedis(sentinel, 'SENTINEL', 'MASTER', 'mymaster')].flat()
    const fieldOf = (name: string) => found[found.indexOf(name) + 1]
    return (
      fieldOf('num-slaves') === '2' && fieldOf('num-other-sentinels') === '2' && fieldOf('flags') === 'master'
    )
  })
}
