import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below those that a system gives to whoever connects: from there one may be taken while its server is not running,
 * and a client that tries to reach that server may even be connected to itself.
 */
const first = 10_000
/** Of each job of tap, so that no two of them choose the same port at the same time. */
const perJob = 5000
const jobs = 4

const own = first + perJob * (Number(process.env.TAP_JOB_ID ?? 0) % jobs)
let given = Math.floor(Math.random() * perJob)

/** A port nobody listens on just now, and that is given to nobody else here. */
export async function freePort(): Promise<number> {
  for (;;) {
    given += 1
    const port = own + (given % perJob)
    if (await isFree(port)) return port
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
