import { Redis } from 'ioredis'
import type { SentinelAddress } from './address.ts'

/** By channel, where the words of a message have the name that the Sentinels call the master, its host and its port. */
const news = {
  // Who asks the Sentinel that leads is sent to the new master from now on; the others learn of it a little later.
  '+promoted-slave': [5, 2, 3],
  '+switch-master': [0, 3, 4]
} as const
/** Longer than the Sentinels take to agree, in milliseconds. */
const newsFor = 5000

/**
 * Has a client leave its master as soon as a Sentinel says that another one took over, though the old one may
 * still answer: cut off from the Sentinels, it goes on believing that it is the master. (ioredis's own
 * failoverDetector leaves the new one too, whenever the next Sentinel says so, and can stop for good.)
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
  // A Sentinel that has not heard of it yet, or a connection that was being opened, may lead to the old one.
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
  sentinel.subscribe(...Object.keys(news)).catch(() => {
    // Closed before it ever answered.
  })
  return sentinel
}
