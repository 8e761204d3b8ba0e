import { readFileSync } from 'node:fs'
import t from 'tap'
import { bundle, fileOf, licencesFile, licencesOf, vendored } from './vendor.ts'

t.test('the files in vendor/ are made from the packages that are installed', async (t) => {
  const made = await Promise.all(
    Object.keys(vendored).map(async (name) => ({ name, ...(await bundle(name)) }))
  )
  for (const { name, code } of made)
    t.ok(readFileSync(fileOf(name), 'utf8') === code, `${name}: make it again with "npm run vendor"`)
  const packages = made.flatMap(({ packages }) => packages)
  t.ok(readFileSync(licencesFile, 'utf8') === licencesOf(packages), 'their licences')
})
