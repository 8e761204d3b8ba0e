import t from 'tap'
import { licencesDocument, licensedPackages, readLicencesDocument } from './licences.ts'

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
    licensedPackages().filter(({ licence }) => !isPermissive(licence)),
    []
  )
})

t.test('the list in docs/ is up to date', async (t) => {
  t.equal(readLicencesDocument(), licencesDocument(), 'generate it with "npm run licences"')
})
