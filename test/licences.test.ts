import t from 'tap'
import { licencesDocument, licensedPackages, readLicencesDocument } from './licences.ts'

/** Each lets anybody use, change and sell what is made with it, and asks for no more than being named. */
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

t.test('everything that comes along may be used by anybody', async (t) => {
  t.same(
    licensedPackages().filter(({ licence }) => !permissive.includes(licence)),
    []
  )
})

t.test('the list in docs/ is the one of today', async (t) => {
  t.equal(readLicencesDocument(), licencesDocument(), 'made anew by "npm run licences"')
})
