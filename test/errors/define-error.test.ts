import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CliError } from '../../src/cli/cli-error.ts'
import { type Actor, type DefinedError, defineError, LatchkeyError } from '../../src/errors/define-error.ts'
import * as errors from '../../src/errors/errors.ts'
import * as requestErrors from '../../src/errors/request-errors.ts'
import english from '../../src/i18n/languages/en.ts'

const root = join(import.meta.dirname, '../..')
const defined = Object.values({ ...errors, ...requestErrors, CliError: CliError })
  .filter((thing): thing is typeof thing & DefinedError<string> => 'definition' in thing)
  .map(({ definition }) => definition)
/** Two errors may have one row: one of them is a special case of the other. */
const codes = [...new Set(defined.map(({ code }) => code))]

t.test('an error has the code, the status, the English text and the name of its row', async (t) => {
  class TeapotError extends defineError('LATCHKEY_NAME_TAKEN', { status: 418, actor: 'nobody' }) {}
  const error = new TeapotError()
  t.ok(error instanceof LatchkeyError)
  t.match(error, { name: 'TeapotError', code: 'LATCHKEY_NAME_TAKEN', statusCode: 418, status: 418 })
  t.equal(error.message, english.errors.LATCHKEY_NAME_TAKEN)
  t.same(error.userMessage, { key: 'errors.LATCHKEY_NAME_TAKEN', params: {} })
  t.match({ ...error }, { code: 'LATCHKEY_NAME_TAKEN' }, 'as loggers see it')
})

t.test('an error without a text has its own message, and without a status it is our fault', async (t) => {
  class LostError extends defineError('LOST', {
    status: undefined,
    actor: 'nobody',
    message: 'It is lost.'
  }) {}
  t.match(new LostError(), { message: 'It is lost.', userMessage: undefined, statusCode: 500 })
  t.match(new LostError('Here is why.', { cause: 7 }), { message: 'Here is why.', cause: 7 })
})

t.test('every code is stated once, in its row', async (t) => {
  const stated = globSync('{src,plugins,routes}/**/*.ts', { cwd: root })
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .flatMap((code) => [...code.matchAll(/(['"`])(LATCHKEY_[A-Z_]+)\1/g)].map(([, , code]) => code))
  t.same(stated.sort(), [...codes].sort())
})

t.test('every error text belongs to a row', async (t) => {
  t.same(
    Object.keys(english.errors).filter((code) => !codes.includes(code)),
    []
  )
})

t.test('docs/operating.md explains every error as its row does, and no other', async (t) => {
  const table =
    readFileSync(join(root, 'docs/operating.md'), 'utf8').split('## What each error means')[1] ?? ''
  const rows = [...table.matchAll(/^\| `(.+?)` \| (.+?) \| .+ \| (.+?) \|$/gm)]
  t.same(rows.map(([, code]) => code).sort(), [...codes].sort())
  for (const [, code, status = '', actor = ''] of rows) {
    const row = defined.find((definition) => definition.code === code)
    if (row?.status === undefined) t.notMatch(status, /^\d/, `${code}: what happens instead of a response`)
    else t.equal(status, String(row.status), code ?? '')
    if (row) t.match(actor, wordsOf[row.actor], `${code}: who has to act`)
  }
})

const wordsOf: Readonly<Record<Actor, RegExp>> = {
  operator: /^you\b/,
  administrator: /^(the|another) administrator\b/,
  user: /^the user\b/,
  client: /^the client\b/,
  application: /^the application\b/,
  nobody: /^nobody\b/
}
