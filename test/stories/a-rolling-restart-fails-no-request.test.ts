// group: real-processes
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { alice } from '../build.ts'
import { freePort } from '../servers/free-port.ts'
import { startNginxFrom } from '../servers/proxies.ts'
import { startService } from '../servers/service.ts'
import { countsCoverage } from '../tap/children.ts'
import { askSteadily, visit } from '../visit-steadily.ts'

const deploying = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8')

t.test('two services restart one after the other behind nginx, and each request is answered', async (t) => {
  const ports = [await freePort(), await freePort()] as const
  const own = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    TRUST_PROXY: '127.0.0.1',
    REGISTRATION: 'open'
  }
  const env = { ...own, ...countsCoverage }
  const start = (port: number) => startService(t, { env: { ...env, PORT: `${port}` } })
  const services = [await start(ports[0]), await start(ports[1])]
  const site = await startNginx(t, ports)
  const cookie = await register(site)

  // nginx sends a GET again by itself, and a POST only if it is told to.
  const { answers, more, stop } = askSteadily((turn) =>
    turn % 2 ? visit(`${site}/logout`, '', 'POST') : visit(`${site}/dashboard`, cookie)
  )
  await more(20)
  for (const [index, port] of ports.entries()) {
    await services[index]?.stop('SIGTERM')
    await start(port)
    // The pause of the documentation: what this one refused before is answered by the other one.
    await more(20)
  }
  await stop()
  t.same(
    answers.filter(({ status }) => status !== 200),
    []
  )
})

/** The upstream of two in the documentation, over plain http. */
async function startNginx(t: Test, ports: readonly [number, number]): Promise<string> {
  const [, example = ''] = /```nginx\n(upstream .*?)```/s.exec(deploying) ?? []
  const conf = example
    .replace('latchkey-1.internal:3000', `127.0.0.1:${ports[0]}`)
    .replace('latchkey-2.internal:3000', `127.0.0.1:${ports[1]}`)
    .replace('listen 443 ssl;', 'listen 443 default_server;')
  const { port } = await startNginxFrom(t, conf, { latchkey: 0, app: 0 })
  return `http://127.0.0.1:${port}`
}

async function register(site: string): Promise<string> {
  const answer = await fetch(`${site}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alice)
  })
  return answer.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
}
