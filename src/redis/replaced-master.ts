import { Redis } from 'ioredis'
import type { SentinelAddress } from './address.ts'

/** By channel: the positions of the master's name, host and port in the message. */
const news = {
  // From this message on, the leading Sentinel names the new master; the others a little later.
  '+promoted-slave': [5, 2, 3],
  '+switch-master': [0, 3, 4]
} as const
/** Longer than the Sentinels take to agree, in milliseconds. */
const newsFor = 5000

/**
 * Disconnects a client from its master as soon as a Sentinel announces another one. The old master may still
 * answer: cut off from the Sentinels, it does not know that it was replaced. (ioredis's failoverDetector also
 * leaves the new master, whenever the next Sentinel announces it, and may stop for good.)
 */
export function leaveReplacedMaster(client: Redis, address: SentinelAddress): void {
  const sentinels = address.endpoints.map((endpoint) => listenTo({ ...endpoint, ...optionsOf(address) }))
  let latest: { readonly master: string; readonly until: number } | undefined
  const leave = () => {
    const { remoteAddress, remotePort } = client.stream
    const isElsewhere = latest?.master !== `${remoteAddress} ${remotePort}`
    if (latest && isElsewhere && performance.now() < latest.until) client.disconnect(true)
  }
  for (const sentinel of sentinels) {
    sentinel.on('message', (channel: keyof typeof news, message) => {
      const words = message.split(' ')
      const [name, host, port] = news[channel].map((place) => words[place])
      if (name !== address.masterName) return
      latest = { master: `${host} ${port}`, until: performance.now() + newsFor }
      if (client.status === 'ready') leave()
    })
  }
  // A Sentinel that does not know yet, or a connection that was being opened, may lead to the old master.
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
    // Only a listener, one of several. For the master, whichever Sentinel answers is asked.
  })
  sentinel.subscribe(...Object.keys(news)).catch(() => {
    // Closed before it answered.
  })
  return sentinel
}
