import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { serverOptions } from '../../src/server/server-options.ts'
import { readConfig } from '../../src/settings/config.ts'
import { alice } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startService } from '../servers/service.ts'

t.test('requests are logged only at debug level', async (t) => {
  const quiet = (LOG_LEVEL: string) =>
    serverOptions(readConfig({ LOG_LEVEL })).logController.disableRequestLogging
  t.equal(quiet('info'), true)
  t.equal(quiet('debug'), false)
})

t.test('the trusted proxies are those in the settings', async (t) => {
  t.equal(serverOptions(readConfig({})).trustProxy, false)
  t.type(serverOptions(readConfig({ TRUST_PROXY: '10.0.0.0/8, ::1' })).trustProxy, 'function')
})

t.test('at a real terminal each event is one line, and Ctrl-C ends the service', async (t) => {
  const folder = t.testdir()
  const env = { DATABASE_URL: `file:${folder}/latchkey.db` }
  const service = await startService(t, { env, command: 'script -qec "npm start" /dev/null' })
  const lines = () => stripVTControlCharacters(service.output()).split('\r\n')
  const shows = (line: string) =>
    eventually(line, () => lines().some((each) => each.endsWith(`INFO: ${line}`)))
  await eventually('the link for the first account', () =>
    lines().some((line) => line.includes(`at ${service.url}/register?code=`))
  )
  await shows(`Accounts and sessions are in ${folder}/latchkey.db.`)
  await shows('Another administrator is made by: npx latchkey users grant NAME.')
  await shows('Press Ctrl-C to stop.')

  const before = lines().length
  await fetch(`${service.url}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alice)
  })
  await shows('registration: alice, from 127.0.0.1')
  await shows('sign-in: alice, from 127.0.0.1')
  t.equal(lines().length, before + 2)
  await service.stop()
})
