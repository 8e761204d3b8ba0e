import type { RedisServer } from './redis.ts'

/** Heartbeats of connections and of the followers of endings, whatever the number of requests. */
const heartbeats = new Set(['ping', 'hmget', 'exists', 'lrange', 'cluster|slots', 'replconf'])
/** Prefixes of the test's own commands. */
const own = /^(hello|info|client\|setinfo|config\|resetstat)$/

/** The commands that Redis executed while a step ran, with those in scripts, and how often. */
export async function commandsOf(
  redis: RedisServer,
  step: () => Promise<unknown>
): Promise<Record<string, number>> {
  await redis.ask('CONFIG', 'RESETSTAT')
  await step()
  const lines = String(await redis.ask('INFO', 'commandstats')).matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)
  const counted = [...lines].map(([, command = '', calls]) => [command, Number(calls)] as const)
  return Object.fromEntries(counted.filter(([command]) => !heartbeats.has(command) && !own.test(command)))
}
