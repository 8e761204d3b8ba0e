import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newId } from '../../src/primitives/new-id.ts'

t.test('an id has 128 bits, and is not like an option', async (t) => {
  const ids = Array.from({ length: 5000 }, newId)
  t.ok(ids.every((id) => /^\w[\w-]{20}[AQgw]$/.test(id)))
  t.equal(new Set(ids).size, ids.length)
})

// A command that is given an id from a list must not take it for an option, whatever the id is of.
t.test('every id of a row is made here', async (t) => {
  const root = join(import.meta.dirname, '../..')
  const own = new Set([
    'src/primitives/new-id.ts',
    // Halves of cookies. People see handles in their place, which are hexadecimal.
    'src/sessions/session-keys.ts',
    'src/throttle/known-devices.ts'
  ])
  const others = globSync('{src,plugins,routes}/**/*.ts', { cwd: root }).filter(
    (file) =>
      !own.has(file) &&
      readFileSync(join(root, file), 'utf8').includes("randomBytes(16).toString('base64url')")
  )
  t.strictSame(others, [])
})
