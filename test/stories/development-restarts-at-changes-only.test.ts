// group: real-processes
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { alice } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { freePort } from '../servers/free-port.ts'
import { startService } from '../servers/service.ts'

const root = join(import.meta.dirname, '../..')
const view = 'views/home.eta'

t.test('npm run dev shows an edited view, and signing in restarts nothing', async (t) => {
  const copy = mkdtempSync(join(tmpdir(), 'latchkey-dev-'))
  t.teardown(() => rmSync(copy, { recursive: true, force: true }))
  for (const name of ['package.json', 'src', 'plugins', 'routes', 'vendor', 'views']) {
    cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const port = `${await freePort()}`
  const service = await startService(t, {
    command: 'npm run dev -- --verbose-watch',
    folder: copy,
    env: { PORT: port }
  })
  const starts = () => service.output().split('Latchkey is ready').length - 1

  const headers = { 'content-type': 'application/json' }
  await fetch(`${service.url}/register`, { method: 'POST', headers, body: JSON.stringify(alice) })

  const noticed = () => [...service.output().matchAll(/ occurred on '(.+?)'/g)].map(([, file]) => file)
  let looks = 0
  await eventually('a restart', () => {
    // It is unknown when watching begins, so the file is edited again if nothing happens.
    if (!noticed().includes(view) && looks++ % 100 === 0) appendFileSync(join(copy, view), '<p>Edited.</p>')
    return starts() > 1
  })
  // Sign-in wrote before; the folder was made at the start.
  t.same(
    noticed().filter((file) => ![view, 'data'].includes(`${file}`)),
    []
  )
  await eventually('the edited page', async () => {
    const page = await fetch(service.url, { headers: { accept: 'text/html' } })
    return (await page.text()).includes('Edited.')
  })
})
