import { Redis } from 'ioredis'
import type { SentinelAddress } from './redis-address.ts'

const channel = '+switch-master'

/**
 * Has a client leave its master as soon as a Sentinel says that another one took over, though the old one may
 * still answer: cut off from the Sentinels, it goes on believing that it is the master. (ioredis's own
 * failoverDetector leaves the new one too, whenever the next Sentinel says so, and can stop for good.)
 */
export function leaveReplacedMaster(client: Redis, address: SentinelAddress): void {
  const sentinels = address.endpoints.map((endpoint) => listenTo({ ...endpoint, ...optionsOf(address) }))
  /** Who took over while a connection was being opened, which may be one to the old master that hangs. */
  let master: string | undefined
  const leave = () => {
    const { remoteAddress, remotePort } = client.stream
    if (master !== undefined && master !== `${remoteAddress} ${remotePort}`) client.disconnect(true)
  }
  for (const sentinel of sentinels) {
    sentinel.on('message', (_channel, message) => {
      const [name, , , host, port] = message.split(' ')
      if (name !== address.masterName) return
      master = `${host} ${port}`
      if (client.status === 'ready') leave()
    })
  }
  // Older news than what the Sentinels are asked now; else it would leave whoever is master after that one.
  client.on('connecting', () => {
    master = undefined
  })
  client.on('ready', leave)
  client.once('end', () => {
    for (const sentinel of sentinels) sentinel.disconnect()
  })
}

function optionsOf({ sentinelCredentials, tls }: SentinelAddress) {
  return { ...sentinelCredentials, ...(tls && { tls: {} }) }
}

function listenTo(endpoint: { host: string; port: number }): Redis {
  const sentinel = new Redis({
    ...endpoint,
    enableReadyCheck: false,
    maxRetriesPerRequest: null,
    connectTimeout: 1000,
    retryStrategy: () => 1000
  })
  sentinel.on('error', () => {
    // One of several, and only a listener: who is master is asked of whichever answers.
  })
  sentinel.subscribe(channel).catch(() => {
    // Closed before it ever answered.
  })
  return sentinel
}
