import type { RedisServer } from './redis.ts'

/** By which a link shows that it is alive, however many requests there are. */
const heartbeat = 'ping'
/** What the test itself asks on its own connections begins with these. */
const own = /^(hello|info|client\|setinfo|config\|resetstat)$/

/** The commands Redis carried out while a step ran, those in its scripts too, and how often. */
export async function commandsOf(
  redis: RedisServer,
  step: () => Promise<unknown>
): Promise<Record<string, number>> {
  await redis.ask('CONFIG', 'RESETSTAT')
  await step()
  const lines = String(await redis.ask('INFO', 'commandstats')).matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)
  const counted = [...lines].map(([, command = '', calls]) => [command, Number(calls)] as const)
  return Object.fromEntries(counted.filter(([command]) => command !== heartbeat && !own.test(command)))
}
