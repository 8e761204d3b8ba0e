import { execFileSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConsoleLogger, Controller, Get, Module, Post, Req } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import latchkey, { LatchkeyError, type LatchkeyOptions, StorageError } from '../../src/index.ts'
import { signedInCookies } from '../../src/testing.ts'
import { alice, Visitor } from '../build.ts'
import { moduleUrl } from '../processes.ts'

const root = join(import.meta.dirname, '../..')
const example = join(root, 'examples/nestjs/app.ts')
const folder = realpathSync(t.testdir())

// Node strips types, but runs no decorators.
execFileSync(process.execPath, [
  join(root, 'node_modules/typescript/bin/tsc'),
  ...['--ignoreConfig', '--noCheck', '--noResolve', '--experimentalDecorators'],
  ...[
    '--target',
    'es2024',
    '--module',
    'esnext',
    '--types',
    '',
    '--rootDir',
    dirname(example),
    '--outDir',
    folder,
    example
  ]
])
const compiled = pathToFileURL(join(folder, 'app.js')).href

// In a clone there is no package yet, and beside the compiled program are no packages.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'latchkey'
      ? { url: JSON.parse(moduleUrl('src/index.ts')), shortCircuit: true }
      : next(specifier, context.parentURL === compiled ? { ...context, parentURL: import.meta.url } : context)
})
const { reports } = await import(compiled)

/** What Nest logs of errors. */
const logged: unknown[] = []
class Log extends ConsoleLogger {
  override error(what: unknown) {
    logged.push(what)
  }
}

async function started(t: Test, app: NestFastifyApplication): Promise<FastifyInstance> {
  t.teardown(() => app.close())
  app.useLogger(new Log('', { logLevels: ['error'] }))
  await app.init()
  return app.getHttpAdapter().getInstance()
}

const crossSite = {
  method: 'POST',
  headers: { 'sec-fetch-site': 'cross-site', accept: 'text/html' }
} as const

t.test('with the filter of the example a guard leads to sign-in and back, and logs nothing', async (t) => {
  const app = await started(t, await reports({ databaseUrl: 'file::memory:' }))
  const browser = new Visitor(app, 'browser')
  t.equal((await browser.get('/reports')).headers.location, '/login?next=%2Freports')
  t.equal((await browser.submit('/register', alice)).headers.location, '/reports')
  t.same((await browser.get('/reports')).json(), { reportsOf: 'alice' })
  const refused = await new Visitor(app, 'program').get('/reports')
  t.match(refused, {
    statusCode: 401,
    headers: { 'www-authenticate': /Session/, 'cache-control': 'no-store' }
  })
  t.match(refused.json(), { code: 'LATCHKEY_SIGN_IN_REQUIRED' })
  t.same(logged.splice(0), [])
})

/** A Nest app without a filter. */
async function plain(t: Test, options: LatchkeyOptions) {
  class Plain {
    mine(request: FastifyRequest) {
      return request.requireUser({ role: 'admin' })
    }
    async away() {
      throw new StorageError('redis://secret@cache', new Error('away'))
    }
    async change() {}
  }
  for (const [method, route] of [
    ['mine', Get('mine')],
    ['away', Get('away')],
    ['change', Post('change')]
  ] as const)
    route(Plain.prototype, method, Object.getOwnPropertyDescriptor(Plain.prototype, method) ?? {})
  Req()(Plain.prototype, 'mine', 0)
  Controller()(Plain)
  class App {}
  Module({ controllers: [Plain] })(App)
  const nest = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), { logger: false })
  await nest.register(latchkey, { databaseUrl: 'file::memory:', ...options })
  return started(t, nest)
}

t.test('Nest’s own handler answers our errors with their status and message', async (t) => {
  const app = await plain(t, { errors: 'host' })
  const program = new Visitor(app, 'program')
  const refused = await program.get('/mine')
  t.equal(refused.statusCode, 401)
  t.match(refused.json(), { statusCode: 401, message: /^Sign in first/ })
  program.cookies = { ...(await signedInCookies(app, 'bob')) }
  t.equal((await program.get('/mine')).statusCode, 403)
  const away = await program.get('/away')
  t.same([away.statusCode, away.json()], [503, { statusCode: 503, message: 'Service Unavailable' }])
  t.equal((await app.inject({ ...crossSite, url: '/change' })).statusCode, 403, 'also from our hooks')
  t.ok(logged.every((error) => error instanceof LatchkeyError))
  logged.length = 0
})

t.test('what our hooks refuse is answered by us, if the app wants no errors', async (t) => {
  const app = await plain(t, {})
  const refused = await app.inject({
    ...crossSite,
    url: '/change',
    headers: { ...crossSite.headers, accept: '*/*' }
  })
  t.match(refused.json(), { status: 403, code: 'LATCHKEY_CROSS_SITE' })
  t.same(logged.splice(0), [])
})

t.test('docs/frameworks.md has all of the example', async (t) => {
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  t.ok(read('docs/frameworks.md').includes(`\`\`\`ts\n${read('examples/nestjs/app.ts')}\`\`\`\n`))
})
