import t from 'tap'
import { ConfigError } from '../../src/errors/errors.ts'
import { readEnvironment } from '../../src/settings/environment.ts'

t.test('the variables of the process win over those in .env', async (t) => {
  t.chdir(t.testdir({ '.env': '# a comment\nPORT=4000\nLATCHKEY_ONLY_IN_FILE="from the file"\n' }))
  const before = process.env.PORT
  process.env.PORT = '5000'
  t.teardown(() => {
    if (before === undefined) delete process.env.PORT
    else process.env.PORT = before
  })
  t.match(readEnvironment(), { PORT: '5000', LATCHKEY_ONLY_IN_FILE: 'from the file' })
})

t.test('UV_THREADPOOL_SIZE is not read from .env, because Node does not either', async (t) => {
  t.chdir(t.testdir({ '.env': 'UV_THREADPOOL_SIZE=64\n' }))
  t.equal(readEnvironment().UV_THREADPOOL_SIZE, process.env.UV_THREADPOOL_SIZE)
})

t.test('.env need not exist', async (t) => {
  t.chdir(t.testdir({}))
  t.same(readEnvironment(), { ...process.env })
})

t.test('an unreadable .env is a ConfigError', async (t) => {
  t.chdir(t.testdir({ '.env': {} }))
  t.throws(readEnvironment, { code: 'LATCHKEY_CONFIG', message: /\.env cannot be read: EISDIR/ })
})

t.test('a line of .env that sets nothing is a fault with its number', async (t) => {
  const lines = [
    '# a comment',
    '',
    '  ',
    'SITE_NAME="two',
    'lines # of it"',
    'SESSION_IDLE: 10m',
    'export PORT=1',
    'oops'
  ]
  t.chdir(t.testdir({ '.env': lines.join('\n') }))
  const sentences = [6, 8].map((number) => `line ${number} of .env sets nothing: write NAME=value`)
  t.throws(() => readEnvironment(), new ConfigError(sentences))
})
