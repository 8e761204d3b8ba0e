// group: real-processes
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { eventually } from '../servers/eventually.ts'
import { freePort } from '../servers/free-port.ts'
import { bareEnvironment, behindNpmStart } from '../servers/service.ts'
import { countsCoverage } from '../tap/children.ts'

/** Each request is logged with its address: so many are more than a pipe or a socket holds. */
const requests = 100
const page = `/health/live?${'x'.repeat(7000)}`

t.test('the service answers and stops, with a full log and a connection that sends nothing', async (t) => {
  const port = await freePort()
  const env = {
    ...bareEnvironment(),
    PORT: `${port}`,
    LOG_LEVEL: 'debug',
    DATABASE_URL: 'file::memory:',
    ...countsCoverage
  }
  const service = spawn(behindNpmStart(), { cwd: join(import.meta.dirname, '../..'), env, shell: true })
  t.teardown(() => service.kill('SIGKILL'))
  const errors = text(service.stderr)
  const url = `http://127.0.0.1:${port}`
  await eventually('the service', async () => (await fetch(`${url}/health/live`)).ok)

  for (let count = 0; count < requests; count += 1) t.equal((await fetch(url + page)).status, 200)
  const silent = connect(port, '127.0.0.1').on('error', () => {})
  await once(silent, 'connect')
  service.kill('SIGTERM')
  const [code] = await once(service, 'exit')
  t.equal(code, 0)
  service.stdout.destroy()
  t.equal(await errors, '')
})
