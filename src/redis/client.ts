import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { startPatience } from '../primitives/patience.ts'
import type { ClusterAddress, RedisAddress, SentinelAddress } from './address.ts'
import { isWithoutDatabase } from './refusals.ts'
import { leaveReplacedMaster } from './replaced-master.ts'

export type RedisClient = Redis | Cluster

/**
 * A command is tried once. patience.ts has the timeouts. ioredis's own are off: they count time in which the
 * process was blocked, and then take the server for dead.
 */
const everyConnection = {
  connectTimeout: 0,
  disconnectTimeout: 500,
  // A user of few rights has none to CLIENT SETINFO.
  disableClientInfo: true,
  maxRetriesPerRequest: 0,
  reconnectOnError: atMostOnceASecond(isReadOnly)
} satisfies RedisOptions

/** In multiples of the timeout: for connecting, and for a connection that does not answer. */
const connectPatience = 2
const silencePatience = 4

/**
 * A client that is not connected yet. Without a connection every command fails at once.
 * @param patience timeout of each command in milliseconds
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
  if (address.kind === 'socket') {
    const { path, database: db, credentials } = address
    return limitPatience(new BatchingRedis({ path, db, ...credentials, ...options }), patience)
  }
  const client = limitPatience(
    new BatchingRedis({ ...options, ...sentinelOptions(address, patience) }),
    patience
  )
  leaveReplacedMaster(client, address)
  return client
}

/**
 * Sends all commands of one turn of the event loop in one system call, which costs more than everything else
 * about a command.
 */
export class BatchingRedis extends Redis {
  readonly #tasks: (() => void)[] = []

  /**
   * Runs a task at the end of this turn of the event loop; its commands are sent together with earlier ones.
   */
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

  /** A task may add others. */
  #endTurn(): void {
    for (const step of this.#tasks) step()
    this.#tasks.length = 0
  }
}

/**
 * Adds timeouts: a command without an answer fails, and a connection that is not established or does not
 * answer is closed; as is one that does not get its database.
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
    // Without a connection nothing is silent, and nothing would ever stop it.
    if (redis.status === 'ready') {
      stopSilence ??= startPatience(silencePatience * patience, () => {
        stopSilence = undefined
        giveUp(`silent for ${silencePatience * patience} ms`)
      })
    }
    return send(...sent)
  }
  redis.on('error', (error) => {
    if (isWithoutDatabase(error)) redis.stream.destroy()
  })
  redis.on('connecting', () => {
    stopConnecting = startPatience(
      connectPatience * patience,
      () => giveUp('connect ETIMEDOUT'),
      () => redis.stream?.bytesRead ?? 0
    )
  })
  redis.on('connect', () => redis.stream.on('data', heard))
  redis.on('ready', () => stopConnecting())
  redis.on('close', () => {
    stopConnecting()
    heard()
  })
  return redis
}

/** Connects to the master that the Sentinels name, if it agrees that it is the master. */
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
 * The cluster learns from redirections where a key is. A broken connection is not reopened; another master is
 * asked instead.
 */
function clusterClient({ endpoints, credentials, tls }: ClusterAddress, patience: number): Cluster {
  const cluster = new FailFastCluster([...endpoints], {
    lazyConnect: true,
    clusterRetryStrategy: retryDelay,
    slotsRefreshTimeout: patience,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    // Host names are not resolved, because certificates contain names.
    dnsLookup: (host, done) => done(null, host),
    redisOptions: { ...everyConnection, ...credentials, ...(tls && { tls: {} }) }
  })
  cluster.on('+node', (node: Redis) => limitPatience(node, patience))
  // Otherwise it would read from a replica, which may still have an ended session.
  cluster.on('-node', () => {
    if (cluster.status === 'ready' && cluster.nodes('master').length === 0) cluster.disconnect(true)
  })
  cluster.on('reconnecting', () => cluster.emit('error', new Error('no master of the Cluster answers')))
  return cluster
}

/**
 * ioredis has one option for two queues. The queue of a node that is connecting is wanted: its length is
 * limited by the command's timeout. The queue for a cluster without nodes holds commands for ever, so it is
 * turned off.
 */
class FailFastCluster extends Cluster {
  override sendCommand(...sent: Parameters<Cluster['sendCommand']>): unknown {
    const [command] = sent
    if (this.status === 'ready' || command.name === 'cluster') return super.sendCommand(...sent)
    command.reject(new Error('Not connected to the Cluster'))
    return command.promise
  }
}

/** In milliseconds. */
export function retryDelay(attempt: number): number {
  return Math.min(attempt * 50, 500)
}

/** The answer of a master that became a replica: the next connection may lead to the new master. */
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
