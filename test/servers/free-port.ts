import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below the range of ephemeral ports: one of those may be taken while its server is not running, and a client
 * that tries to reach the server may even be connected to itself.
 */
const first = 10_000
/** For each job of tap, so that no two choose the same port at the same time. */
const perJob = 2500
const jobs = 4
/** Nodes of a Redis Cluster talk to each other on the port that is so far above their own. No job chooses from there. */
const clusterBus = perJob * jobs

const own = first + perJob * (Number(process.env.TAP_JOB_ID ?? 0) % jobs)
let given = Math.floor(Math.random() * perJob)

/** A port that nobody listens on, nor on its cluster bus, and that no other test gets. */
export async function freePort(): Promise<number> {
  for (;;) {
    given += 1
    const port = own + (given % perJob)
    if ((await isFree(port)) && (await isFree(port + clusterBus))) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
