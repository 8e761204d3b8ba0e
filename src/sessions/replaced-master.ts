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
  for (const sentinel of sentinels) {
    sentinel.on('message', (_channel, message) => {
      const [name, , , host, port] = message.split(' ')
      if (name !== address.masterName || client.status !== 'ready') return
      const { remoteAddress, remotePort } = client.stream
      if (remoteAddress !== host || String(remotePort) !== port) client.disconnect(true)
    })
  }
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
