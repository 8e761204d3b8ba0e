import t from 'tap'
import { serverOptions } from '../../src/server/server-options.ts'
import { readConfig } from '../../src/settings/config.ts'
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

t.test('a terminal gets readable lines, a pipe gets JSON', async (t) => {
  const { isTTY } = process.stdout
  t.teardown(() => Object.assign(process.stdout, { isTTY }))
  process.stdout.isTTY = true
  t.hasProp(serverOptions(readConfig({})).logger, 'stream')
  process.stdout.isTTY = false
  t.notHas(serverOptions(readConfig({})).logger, 'stream')
})

t.test('at a real terminal the greeting is readable, and Ctrl-C ends the service', async (t) => {
  const env = { DATABASE_URL: `file:${t.testdir()}/latchkey.db` }
  const service = await startService(t, { env, command: 'script -qec "npm start" /dev/null' })
  const greeting = /INFO.*: .*No account yet: create the first one at http:\/\/localhost:\d+\/register/
  await eventually('the greeting', async () => greeting.test(service.output()))
  await service.stop()
  t.match(service.output(), greeting)
})
