import t from 'tap'
import { circlesIn, type Floors, importFaults, importsIn } from './imports.ts'

const floors: Floors = {
  '': [['routes'], ['src']],
  src: [['.'], ['cli', 'server'], ['sessions'], ['redis']],
  'src/sessions': [['stores'], ['cache'], ['.']]
}

/** One file that imports another existing one. */
function planted(file: string, code: string): readonly string[] {
  return importFaults(new Map([[file, code]]), floors)
}

t.test('an import may lead downward or stay in its folder', async (t) => {
  t.same(planted('routes/login.ts', "import type { A } from '../src/sessions/sessions.ts'"), [])
  t.same(planted('src/app.ts', "import { a } from './index.ts'"), [])
  t.same(planted('src/cli/users.ts', "import { a } from './output.ts'\nimport '../redis/client.ts'"), [])
  t.same(
    planted('src/redis/deep/down.ts', "import { a } from '../client.ts'"),
    [],
    'a folder contains folders'
  )
  t.same(planted('src/sessions/stores/open.ts', "import { a } from '../cache/cache.ts'"), [])
  t.same(planted('src/sessions/stores/open.ts', "import { a } from '../sessions.ts'"), [])
  t.same(planted('src/sessions/stores/open.ts', "import { a } from '../../redis/client.ts'"), [])
  t.same(planted('src/app.ts', "import { a } from 'fastify'"), [], 'packages do not count')
})

for (const [way, code] of [
  ['a value', (path: string) => `import { a } from '${path}'`],
  ['a type', (path: string) => `import type { A } from '${path}'`],
  ['a type among values', (path: string) => `import {\n  a,\n  type B\n} from '${path}'`],
  ['a type where it is used', (path: string) => `let a: import('${path}').A`],
  ['for its side effects', (path: string) => `import '${path}'`],
  ['a re-export', (path: string) => `export * from '${path}'`],
  ['a re-exported type', (path: string) => `export type { A } from '${path}'`],
  ['dynamically', (path: string) => `await import('${path}')`]
] as const) {
  t.test(`importing ${way} upward or sideways is a fault`, async (t) => {
    t.same(planted('src/sessions/sessions.ts', code('../cli/context.ts')), [
      'src/sessions/sessions.ts imports src/cli/context.ts, which is above it'
    ])
    t.same(planted('src/redis/client.ts', code('../app.ts')), [
      'src/redis/client.ts imports src/app.ts, which is above it'
    ])
    t.same(planted('src/app.ts', code('../routes/login.ts')), [
      'src/app.ts imports routes/login.ts, which is above it'
    ])
    t.same(planted('src/server/limits.ts', code('../cli/context.ts')), [
      'src/server/limits.ts imports src/cli/context.ts, which is beside it'
    ])
  })

  t.test(`importing ${way} from a higher subfolder is a fault`, async (t) => {
    t.same(planted('src/sessions/sessions.ts', code('./stores/open.ts')), [
      'src/sessions/sessions.ts imports src/sessions/stores/open.ts, which is above it'
    ])
    t.same(planted('src/sessions/cache/cache.ts', code('../stores/open.ts')), [
      'src/sessions/cache/cache.ts imports src/sessions/stores/open.ts, which is above it'
    ])
  })

  t.test(`importing ${way} in a circle is a fault, even within a folder`, async (t) => {
    const sources = new Map([
      ['src/redis/a.ts', code('./b.ts')],
      ['src/redis/b.ts', code('./deep/c.ts')],
      ['src/redis/deep/c.ts', code('../a.ts')],
      ['src/redis/d.ts', code('./a.ts')]
    ])
    t.same(importFaults(sources, floors), [])
    t.same(circlesIn(sources), ['src/redis/a.ts > src/redis/b.ts > src/redis/deep/c.ts > src/redis/a.ts'])
    sources.delete('src/redis/b.ts')
    t.same(circlesIn(sources), [])
  })
}

t.test('a folder without a row is a fault', async (t) => {
  t.same(planted('src/utils/a.ts', "import { b } from '../redis/client.ts'"), [
    'src/utils/a.ts imports src/redis/client.ts, and one of them is in no row of src'
  ])
})

t.test('type imports are recognised', async (t) => {
  const isOfTypes = (code: string) => importsIn('src/a.ts', code).map((imported) => imported.isOfTypes)
  t.same(isOfTypes("import type { A } from './b.ts'\nexport type {} from './c.ts'"), [true, true])
  t.same(isOfTypes("import './b.ts'\nimport { type A, b } from './c.ts'\nexport * from './d.ts'"), [
    false,
    false,
    false
  ])
})
