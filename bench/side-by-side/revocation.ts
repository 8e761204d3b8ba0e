import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLoad } from './load.ts'
import { enter } from './measure.ts'
import type { ServerProcess } from './server-process.ts'

const watchedMilliseconds = 40
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/**
 * Signs out at one process, and asks another one under load, which has the session cached, once a
 * millisecond.
 * @returns for each sign-out, how long after its response the last accepted request was sent, in
 * milliseconds; 0 if none was accepted. Ascending.
 */
export async function measureRevocation(
  at: ServerProcess,
  seenBy: ServerProcess,
  { times, connections }: { times: number; connections: number }
): Promise<number[]> {
  const cookies = await enter(at, times)
  const { load, ended } = startLoad({
    url: `${seenBy.url}/fixed`,
    connections,
    duration: 600,
    headers: { cookie: (await enter(at, 1))[0] ?? '' }
  })
  await sleep(500)
  const delays: number[] = []
  for (const cookie of cookies) delays.push(await endAndWatch(at, seenBy, cookie))
  load.stop()
  await ended
  return delays.sort((one, other) => one - other)
}

async function endAndWatch(at: ServerProcess, seenBy: ServerProcess, cookie: string): Promise<number> {
  for (let n = 0; n < 3; n += 1) {
    if ((await statusOf(`${seenBy.url}/fixed`, 'GET', cookie)) !== 200) throw new Error('not signed in')
  }
  if ((await statusOf(`${at.url}/leave`, 'POST', cookie)) !== 200) throw new Error('not signed out')
  const endedAt = performance.now()
  const asked: Promise<number>[] = []
  while (performance.now() - endedAt < watchedMilliseconds) {
    const sentAt = performance.now()
    asked.push(
      statusOf(`${seenBy.url}/fixed`, 'GET', cookie).then((status) => (status === 200 ? sentAt - endedAt : 0))
    )
    await sleep(1)
  }
  return Math.max(...(await Promise.all(asked)))
}

function statusOf(url: string, method: string, cookie: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { cookie } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', reject).end()
  })
}
