// group: packages
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import t from 'tap'
import { parse } from 'yaml'
import { bytesOf } from './app-packages.ts'
import { commonJs, declarations, program as moduleProgram } from './express/typescript-users.ts'
import { bareEnvironment } from './servers/service.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const program = (name: string) => join(root, 'node_modules/.bin', name)

/** In another project: with nothing of this one but its Node, and this machine's certificates. */
async function run(cwd: string, command: string, ...words: string[]): Promise<string> {
  const bare = bareEnvironment()
  const { NODE_EXTRA_CA_CERTS } = process.env
  const env = {
    ...bare,
    ...(NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS }),
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
    PATH: [dirname(process.execPath), bare.PATH].join(delimiter)
  }
  // Without tap's NODE_OPTIONS, with which some programs cannot be started.
  const line = ['--unset', 'NODE_OPTIONS', command, ...words]
  const { stdout } = await promisify(execFile)('env', line, { cwd, env }).catch((error) => {
    throw new Error(`${command} ${words.join(' ')} in ${cwd}:\n${error.stdout}${error.stderr}`)
  })
  return stdout
}

const importLines = /^import .+\n/gm

// Enough for an installation on a busy machine.
t.setTimeout(1_800_000)

/** Outside the repository, or missing packages would be found in its node_modules. */
const folder = mkdtempSync(join(tmpdir(), 'latchkey-package-'))
t.teardown(() => rmSync(folder, { recursive: true }))
writeJson('package.json', { name: 'somebodys', private: true, type: 'module' })
writeJson('tsconfig.json', {
  extends: join(root, 'tsconfig.json'),
  compilerOptions: { paths: {}, typeRoots: [join(root, 'node_modules/@types')] },
  include: ['.']
})
const packed = await run(root, 'npm', 'pack', '--json', '--silent', '--pack-destination', folder)
const [{ filename, files }] = JSON.parse(packed.slice(packed.indexOf('[\n')))
const paths: string[] = files.map(({ path }: { path: string }) => path)
// Retries a registry that does not answer soon: npm by default waits five minutes.
const patience = [
  '--prefer-offline',
  '--fetch-timeout=20000',
  '--fetch-retries=5',
  '--fetch-retry-mintimeout=1000'
]
await run(
  folder,
  'npm',
  'install',
  ...patience,
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
  `./${filename}`,
  // Older compilers, for users who have not moved on, and the types that they have beside them.
  'typescript54@npm:typescript@5.4.5',
  'typescript59@npm:typescript@5.9.3',
  '@types/express@5',
  '@types/node@24'
)

function writeJson(file: string, content: object): void {
  writeFileSync(join(folder, file), JSON.stringify(content))
}

t.test('it contains only what is needed', async (t) => {
  const needless = paths.filter(
    (path) =>
      !/^(dist|vendor|views)\/|^bin\/latchkey\.js$|^(README|CHANGELOG)\.md$|^LICENSE$|^package\.json$/.test(
        path
      )
  )
  t.same(needless, [])
  t.same(
    paths.filter((path) => /(?<!\.d)\.ts$/.test(path)),
    [],
    'Node strips no types in node_modules'
  )
  for (const path of ['dist/src/index.js', 'dist/src/index.d.ts', 'views/layout.eta', 'LICENSE'])
    t.ok(paths.includes(path), path)
})

t.test('publint and attw report nothing', async (t) => {
  const { messages } = await publint({
    pkgDir: join(folder, 'node_modules/latchkey'),
    pack: false,
    strict: true
  })
  t.same(messages, [])
  // It exits with an error if it finds one. It thinks of a Node where `require` loads no module: see below.
  const ignored = ['cjs-resolves-to-esm', 'false-cjs']
  await run(folder, program('attw'), '--ignore-rules', ...ignored, '--', filename)
})

t.test('it installs no package that only we need', async (t) => {
  const { devDependencies } = JSON.parse(read('package.json'))
  const { packages }: { packages: Record<string, { dev?: boolean }> } = JSON.parse(read('package-lock.json'))
  const installed: { packages: Record<string, unknown> } = JSON.parse(
    readFileSync(join(folder, 'package-lock.json'), 'utf8')
  )
  const names = Object.keys(installed.packages).map((path) => path.replace(/^.*node_modules\//, ''))
  t.ok(names.includes('fastify'), 'Fastify is installed if the project has none')
  // Some of our dependencies, such as ajv, are Fastify's too.
  const ours = Object.keys(devDependencies).filter((name) => packages[`node_modules/${name}`]?.dev)
  t.same(
    ours.filter((name) => names.includes(name) && !name.startsWith('@types/')),
    []
  )
})

t.test('with Fastify it is at most 120 packages and 40 MB', async (t) => {
  const installed: { packages: Record<string, unknown> } = JSON.parse(
    readFileSync(join(folder, 'package-lock.json'), 'utf8')
  )
  // The compilers are only for the tests below.
  const places = Object.keys(installed.packages).filter(
    (place) => place !== '' && !/\/typescript5/.test(place)
  )
  const bytes = places.reduce((sum, place) => sum + bytesOf(join(folder, place)), 0)
  t.ok(places.length <= 120, `${places.length} packages`)
  t.ok(bytes <= 40_000_000, `${bytes} bytes`)
})

t.test('a client that is not installed is named in one sentence', async (t) => {
  const code = (options: string) => `
import Fastify from 'fastify'
import latchkey from 'latchkey'
try {
  await Fastify().register(latchkey, { sessionSecret: '${'x'.repeat(32)}', ${options} })
} catch ({ message }) {
  console.log(message)
}
`
  const told = async (options: string) => {
    writeFileSync(join(folder, 'client.js'), code(options))
    return run(folder, process.execPath, 'client.js')
  }
  t.match(
    await told("redisUrl: 'redis://127.0.0.1:1'"),
    'REDIS_URL is set, which needs the package ioredis: type "npm install ioredis"'
  )
  t.match(
    await told("databaseUrl: 'postgres://127.0.0.1:1/x', redisUrl: 'redis://127.0.0.1:1'"),
    'The accounts are in PostgreSQL, which needs the package pg: type "npm install pg"'
  )
})

t.test('the README’s example runs, and its test passes', async (t) => {
  const [, section = ''] = read('README.md').split('## In your own Fastify app\n')
  const programs = [...section.matchAll(/```ts\n([\s\S]+?)```/g)].map(([, code = '']) => code)
  const [app = ''] = programs
  const test = programs.find((code) => code.includes('signedInCookies')) ?? ''
  const ask = `
const { port } = app.server.address() as import('node:net').AddressInfo
const anonymous = await fetch('http://localhost:' + port + '/reports', { headers: { accept: 'text/html' }, redirect: 'manual' })
console.log(anonymous.status, anonymous.headers.get('location'), response.statusCode, response.body)
await app.close()
`
  writeFileSync(
    join(folder, 'readme.ts'),
    [
      ...(test.match(importLines) ?? []),
      app.replace('port: 3000', 'port: 0'),
      test.replace(importLines, ''),
      ask
    ].join('')
  )
  t.equal(
    await run(folder, process.execPath, 'readme.ts'),
    '303 /login?next=%2Freports 200 {"reportsOf":"alice","cart":[]}\n'
  )
})

t.test('examples/host-app works with it', async (t) => {
  cpSync(join(root, 'examples/host-app'), join(folder, 'host-app'), { recursive: true })
  t.match(
    await run(folder, process.execPath, '--test', 'host-app/app.test.ts'),
    /\bpass 2\b[\s\S]*\bfail 0\b/
  )
})

t.test('examples/own-login works with it', async (t) => {
  cpSync(join(root, 'examples/own-login'), join(folder, 'own-login'), { recursive: true })
  t.match(
    await run(folder, process.execPath, '--test', 'own-login/app.test.ts'),
    /\bpass 1\b[\s\S]*\bfail 0\b/
  )
})

t.test('it can be required from CommonJS', async (t) => {
  const code = `
const Fastify = require('fastify')
const latchkey = require('latchkey')
const { signedInCookies } = require('latchkey/testing')

const app = Fastify({ pluginTimeout: 0 })
app.register(latchkey, { databaseUrl: 'file::memory:' })
app.register(async (app) => {
  app.get('/me', (request) => request.requireUser())
})
signedInCookies(app, 'alice')
  .then((cookies) => app.inject({ url: '/me', cookies }))
  .then(({ body }) => console.log(body, latchkey.LatchkeyError.name))
  .then(() => app.close())
`
  writeFileSync(join(folder, 'app.cjs'), code)
  const express = "require('latchkey/gentle-threads'); console.log(typeof require('latchkey/express'))"
  writeFileSync(join(folder, 'express.cjs'), express)
  t.equal(await run(folder, process.execPath, 'express.cjs'), 'function\n')
  const told = /^{"id":"[\w-]{22}","name":"alice","role":"user"} LatchkeyError\n$/
  t.match(await run(folder, process.execPath, 'app.cjs'), told)
})

t.test('TypeScript finds its types in all of these, and in CommonJS', async () => {
  const code =
    "import type { LatchkeyOptions } from 'latchkey'\n({ sessionIdle: '1h' }) satisfies LatchkeyOptions\n"
  writeFileSync(join(folder, 'types.cts'), code)
  await run(folder, program('tsc'), '--noEmit')

  // With the declarations themselves, for whom an import of a missing package would be an error.
  const own = "import latchkey from 'latchkey'\nimport { signedInCookies } from 'latchkey/testing'\n"
  writeFileSync(join(folder, 'own-types.mts'), `${own}export { latchkey, signedInCookies }\n`)
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    'false',
    '--module',
    'nodenext',
    '--types',
    'node'
  ]
  await run(folder, program('tsc'), '--ignoreConfig', ...options, 'own-types.mts')
})

const older = { node10: 'commonjs', node16: 'node16', nodenext: 'nodenext', bundler: 'esnext' } as const

/** One program: a declaration, and programs that use it. */
function cell(
  compiler: string,
  resolution: string,
  declared: keyof typeof declarations,
  module = older[resolution as keyof typeof older]
) {
  const isBoth = module.startsWith('node')
  const at = (name: string, code: string) => {
    const path = join('types', `${compiler}-${resolution}-${name}`)
    writeFileSync(join(folder, path), code)
    return join(folder, path)
  }
  const files = [
    at(isBoth ? 'declared.mts' : 'declared.ts', declarations[declared]),
    at(isBoth ? 'program.mts' : 'program.ts', moduleProgram),
    ...(module === 'esnext' ? [] : [at(isBoth ? 'old.cts' : 'old.ts', commonJs)])
  ]
  return {
    files,
    options: {
      ...{
        target: 'es2022',
        lib: ['es2022'],
        types: ['node'],
        strict: true,
        exactOptionalPropertyTypes: true
      },
      ...{ noEmit: true, skipLibCheck: false, esModuleInterop: true, module, moduleResolution: resolution }
    }
  }
}

t.test(
  'what users of @types/express-session have written compiles, with only the import changed',
  async (t) => {
    mkdirSync(join(folder, 'types'))
    const [none, inData, inSession, inOurs] = Object.keys(declarations) as (keyof typeof declarations)[]
    const check = join(root, 'test/express/check-types.mjs')
    for (const [compiler, cells] of Object.entries({
      typescript54: [
        cell('54', 'node10', none!),
        cell('54', 'node16', inData!),
        cell('54', 'bundler', inSession!)
      ],
      typescript59: [cell('59', 'node10', inOurs!), cell('59', 'nodenext', inSession!)]
    })) {
      writeFileSync(join(folder, 'cells.json'), JSON.stringify(cells))
      t.equal(await run(folder, process.execPath, check, folder, compiler, 'cells.json'), '', compiler)
    }
    for (const { files, options } of [
      cell('7', 'nodenext', none!),
      cell('7', 'bundler', inOurs!, 'commonjs')
    ]) {
      writeJson('types/tsconfig.json', { compilerOptions: options, files })
      t.equal(await run(folder, program('tsc'), '--project', 'types'), '')
    }
  }
)

t.test('the command works from the package', async (t) => {
  t.equal(
    await run(folder, 'node_modules/.bin/latchkey', '--version'),
    `${JSON.parse(read('package.json')).version}\n`
  )
  t.match(
    await run(folder, 'npx', '--no-install', 'latchkey', 'users', 'list'),
    /alice/,
    'the user whom the README’s example created'
  )
})

t.test('a release is published from the tag, with provenance', async (t) => {
  const { on, permissions, jobs } = parse(read('.github/workflows/release.yml'))
  t.same(on, { push: { tags: ['v*'] } })
  t.same([permissions, jobs.publish.permissions], [{}, { contents: 'read', 'id-token': 'write' }])
  const commands = jobs.publish.steps.map(({ run }: { run?: string }) => run ?? '').join('\n')
  t.match(commands, /\.ci\/run[\s\S]*npm publish --provenance/)
  t.equal(JSON.parse(read('package.json')).private, true, 'and from nowhere else')
})
