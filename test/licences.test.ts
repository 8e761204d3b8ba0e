import t from 'tap'
import { appPackages } from './app-packages.ts'
import {
  licencesDocument,
  licensedPackages,
  packagesDocument,
  readLicencesDocument,
  readPackagesDocument,
  vendoredPackages
} from './licences.ts'

/** Licences that let anybody use, change and sell the work, and require only attribution. */
const permissive = [
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0'
]

/** Of `(MIT OR Apache-2.0)` anybody may choose either. */
function isPermissive(licence: string) {
  return licence
    .replace(/^\(|\)$/g, '')
    .split(' OR ')
    .some((one) => permissive.includes(one))
}

t.test('every package has a licence that anybody may use', async (t) => {
  t.same(
    [...licensedPackages(), ...vendoredPackages()].filter(({ licence }) => !isPermissive(licence)),
    []
  )
})

t.test('the list in docs/ is up to date', async (t) => {
  t.equal(readLicencesDocument(), licencesDocument(), 'generate it with "npm run licences"')
})

t.test('an app installs few packages, and the list of them is up to date', async (t) => {
  const installed = appPackages()
  const bytes = installed.reduce((sum, { bytes }) => sum + bytes, 0)
  // With Latchkey itself, which takes 5 MB: 120 and 40 MB. They were 218 and 76 MB.
  t.ok(installed.length < 120, `${installed.length} packages`)
  t.ok(bytes < 35_000_000, `${bytes} bytes`)
  const names = installed.map(({ name }) => name)
  for (const other of ['ioredis', 'redis', 'pg', 'kysely', 'fastify-cli', 'prom-client'])
    t.notOk(names.includes(other), other)
  t.ok(
    ['fastify', 'argon2', 'ajv'].every((name) => names.includes(name)),
    'it follows them'
  )
  const withoutSizes = readPackagesDocument().replaceAll(/\| \d+ \|$/gm, '| |')
  const sorted = (text: string) => text.split('\n').sort()
  t.same(
    sorted(withoutSizes),
    sorted(packagesDocument(() => '').replaceAll('|  |', '| |')),
    'generate it with "npm run licences"'
  )
})
