import t from 'tap'
import { moduleUrl, runAtOnce } from '../processes.ts'
import { freePort } from '../servers/free-port.ts'

const anHour = 3_600_000

t.test('a client that is closed while Redis is away leaves no timer behind', async (t) => {
  const url = `redis://127.0.0.1:${await freePort()}`
  const prepare = `
    const { eventually } = await import(${moduleUrl('test/servers/eventually.ts')})
    const { makeClient } = await import(${moduleUrl('src/redis/client.ts')})
    const { parseRedisAddress } = await import(${moduleUrl('src/redis/address.ts')})
  `
  const act = `
    const client = makeClient(parseRedisAddress('${url}'), ${anHour})
    client.on('error', () => {})
    client.connect().catch(() => {})
    await new Promise((done) => client.once('reconnecting', done))
    const refused = await client.get('key').catch(() => 'refused')
    client.disconnect()
    const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout')
    // ioredis itself has one for half a second.
    await eventually('a process without timers', () => timers().length === 0)
    console.log(refused)
  `
  t.same(await runAtOnce(1, { prepare, act }), ['refused\n'])
})
