import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { startPatience } from '../primitives/patience.ts'
import type { ClusterAddress, RedisAddress, SentinelAddress } from './address.ts'
import { leaveReplacedMaster } from './replaced-master.ts'

export type RedisClient = Redis | Cluster

/**
 * A command is tried once. How long its answer is waited for is patience.ts's affair: ioredis's own timeouts take a
 * process that stood still for a server that is dead, so they are off.
 */
const everyConnection = {
  connectTimeout: 0,
  disconnectTimeout: 500,
  maxRetriesPerRequest: 0,
  reconnectOnError: atMostOnceASecond(isReadOnly)
} satisfies RedisOptions

/** In patiences: how long connecting may take, and how long a connection may be silent that was asked something. */
const connectPatience = 2
const silencePatience = 4

/**
 * A client that is not connected yet. While it has no connection every command fails at once.
 * @param patience how long each command waits for its answer, in milliseconds
 */
export function makeClient(address: RedisAddress, patience: number): RedisClient {
  if (address.kind === 'cluster') return clusterClient(address, patience)
  const options = {
    ...everyConnection,
    lazyConnect: true,
    enableOfflineQueue: false,
    retryStrategy: retryDelay
  }
  if (address.kind === 'single') return limitPatience(new BatchingRedis(address.url, options), patience)
  const client = limitPatience(
    new BatchingRedis({ ...options, ...sentinelOptions(address, patience) }),
    patience
  )
  leaveReplacedMaster(client, address)
  return client
}

/**
 * Writes all that one turn of the event loop asks in one go: for each command by itself the system call takes longer
 * than everything else about it.
 */
export class BatchingRedis extends Redis {
  readonly #tasks: (() => void)[] = []

  /** Takes a step when this turn of the event loop is over; what it asks leaves with what was asked before. */
  atEndOfTurn(step: () => void): void {
    if (this.#tasks.push(step) === 1) setImmediate(() => this.#endTurn())
  }

  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    const { stream } = this
    if (this.status === 'ready' && stream.writableCorked === 0) {
      stream.cork()
      this.atEndOfTurn(() => stream.uncork())
    }
    return super.sendCommand(...sent)
  }

  /** A step may add others. */
  #endTurn(): void {
    for (const step of this.#tasks) step()
    this.#tasks.length = 0
  }
}

/**
 * Has every command of a connection fail once the patience with its answer has run out, and gives the connection up
 * that does not come about or falls silent.
 * @param redis not connected yet
 * @param patience in milliseconds
 */
export function limitPatience<T extends Redis>(redis: T, patience: number): T {
  const send = redis.sendCommand.bind(redis)
  let stopConnecting = () => {}
  let stopSilence: (() => void) | undefined
  const heard = () => {
    stopSilence?.()
    stopSilence = undefined
  }
  const giveUp = (why: string) => redis.stream?.destroy(new Error(why))

  redis.sendCommand = (...sent) => {
    const [command] = sent
    const stop = startPatience(patience, () => command.reject(new Error(`no answer for ${patience} ms`)))
    command.promise.then(stop, stop)
    stopSilence ??= startPatience(silencePatience * patience, () => {
      stopSilence = undefined
      giveUp(`silent for ${silencePatience * patience} ms`)
    })
    return send(...sent)
  }
  redis.on('connecting', () => {
    stopConnecting = startPatience(connectPatience * patience, () => giveUp('connect ETIMEDOUT'))
  })
  redis.on('connect', () => redis.stream.on('data', heard))
  redis.on('ready', () => stopConnecting())
  redis.on('close', () => {
    stopConnecting()
    heard()
  })
  return redis
}

/** It connects to whom the Sentinels call the master, if that one agrees. */
function sentinelOptions(address: SentinelAddress, patience: number) {
  const { endpoints, masterName, database, tls, credentials, sentinelCredentials } = address
  const { username, password } = sentinelCredentials
  return {
    sentinels: [...endpoints],
    name: masterName,
    db: database,
    ...credentials,
    ...(username && { sentinelUsername: username }),
    ...(password && { sentinelPassword: password }),
    ...(tls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: patience,
    sentinelRetryStrategy: retryDelay
  } satisfies RedisOptions
}

/**
 * Where a key lies it learns from the nodes' redirections: a connection that breaks is not opened again but
 * another master asked.
 */
function clusterClient({ endpoints, credentials, tls }: ClusterAddress, patience: number): Cluster {
  const cluster = new FailFastCluster([...endpoints], {
    lazyConnect: true,
    clusterRetryStrategy: retryDelay,
    slotsRefreshTimeout: patience,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    // Names stay names, as certificates have them.
    dnsLookup: (host, done) => done(null, host),
    redisOptions: { ...everyConnection, ...credentials, ...(tls && { tls: {} }) }
  })
  cluster.on('+node', (node: Redis) => limitPatience(node, patience))
  // Else a replica would be asked, and it may show a session that was ended.
  cluster.on('-node', () => {
    if (cluster.status === 'ready' && cluster.nodes('master').length === 0) cluster.disconnect(true)
  })
  cluster.on('reconnecting', () => cluster.emit('error', new Error('no master of the Cluster answers')))
  return cluster
}

/**
 * ioredis has one option for two queues. The one of a node that is being connected to is wanted: it is as short
 * as the command's timeout. The one for when there are no nodes holds commands for ever, so it gets none.
 */
class FailFastCluster extends Cluster {
  override sendCommand(...sent: Parameters<Cluster['sendCommand']>): unknown {
    const [command] = sent
    if (this.status === 'ready' || command.name === 'cluster') return super.sendCommand(...sent)
    command.reject(new Error('Not connected to the Cluster'))
    return command.promise
  }
}

function retryDelay(attempt: number): number {
  return Math.min(attempt * 50, 500)
}

/** What a master that became a replica answers: the next connection may lead to the new one. */
function isReadOnly({ message }: Error): boolean {
  return message.startsWith('READONLY')
}

function atMostOnceASecond(isReason: (error: Error) => boolean) {
  let last = Number.NEGATIVE_INFINITY
  return (error: Error): boolean => {
    if (!isReason(error) || performance.now() - last < 1000) return false
    last = performance.now()
    return true
  }
}
