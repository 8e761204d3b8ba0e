// group: real-processes
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { alice } from '../build.ts'
import { freePort } from '../servers/free-port.ts'
import { startService } from '../servers/service.ts'

const root = join(import.meta.dirname, '../..')

t.test('npm run dev shows an edited view, and signing in restarts nothing', async (t) => {
  const copy = mkdtempSync(join(tmpdir(), 'latchkey-dev-'))
  t.teardown(() => rmSync(copy, { recursive: true, force: true }))
  for (const name of ['package.json', 'src', 'plugins', 'routes', 'views']) {
    cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const port = `${await freePort()}`
  const service = await startService(t, { command: 'npm run dev', folder: copy, env: { PORT: port } })
  const starts = () => service.output().split('Latchkey is ready').length - 1

  const headers = { 'content-type': 'application/json' }
  await fetch(`${service.url}/register`, { method: 'POST', headers, body: JSON.stringify(alice) })
  await sleep(1000)
  t.equal(starts(), 1)

  appendFileSync(join(copy, 'views/home.eta'), '<p>Edited.</p>')
  while (starts() < 2) await sleep(50)
  const page = await fetch(service.url, { headers: { accept: 'text/html' } })
  t.match(await page.text(), 'Edited.')
})
