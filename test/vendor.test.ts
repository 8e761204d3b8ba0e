import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bundle, fileOf, vendored } from './vendor.ts'

const root = join(import.meta.dirname, '..')

t.test('the files in vendor/ are made from the packages that are installed', async (t) => {
  const readme = readFileSync(join(root, 'vendor/README.md'), 'utf8')
  for (const name of Object.keys(vendored)) {
    const made = await bundle(name)
    t.ok(readFileSync(fileOf(name), 'utf8') === made, `${name}: make it again with "npm run vendor"`)
    const [, copyright = ''] = /(Copyright .+?)\. Made by/.exec(made) ?? []
    t.ok(copyright !== '' && readme.includes(copyright), `the licence of ${name}`)
  }
})
