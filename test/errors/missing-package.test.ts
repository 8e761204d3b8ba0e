import t from 'tap'
import { ConfigError } from '../../src/errors/errors.ts'
import { withPackage } from '../../src/errors/missing-package.ts'

const needed = { name: 'no-such-client', because: 'REDIS_URL is set' }
const load = (name: string) => withPackage(needed, () => import(name))

t.test('a missing package is named with what needs it, and how to install it', async (t) => {
  t.equal((await load('node:path')).sep, '/')
  const error = await load(needed.name).catch((error) => error)
  t.ok(error instanceof ConfigError)
  t.match(
    error.message,
    'REDIS_URL is set, which needs the package no-such-client: type "npm install no-such-client"'
  )
})

t.test('another fault stays what it is', async (t) => {
  await t.rejects(load('what-it-needs-itself'), { code: 'ERR_MODULE_NOT_FOUND' })
  await t.rejects(load('data:text/javascript,throw new RangeError()'), { name: 'RangeError' })
})
