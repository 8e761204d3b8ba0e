import { test } from 'tap'
import { eventually } from '../servers/eventually.ts'
import { command, commandIn, outcome, password, settings, start } from './command.ts'

const objects = (out: string) =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

test('accounts are searched for and sorted, and events found by what they are', async (t) => {
  const latchkey = commandIn(t, settings(t))
  const lines = async (...words: string[]) => objects((await latchkey([...words, '--json'])).out)
  const names = async (...words: string[]) =>
    (await lines('users', 'list', ...words)).map(({ name }: { name: string }) => name)
  t.match((await latchkey(['users', 'list'])).out, 'There are no accounts in ')
  for (const name of ['Alice', 'alan', 'bob']) await latchkey(['users', 'add', name], password)
  t.same(await names(), ['alan', 'Alice', 'bob'])
  t.same(await names('--search', 'AL'), ['alan', 'Alice'])
  t.same(await names('--search', 'al', '--reverse'), ['Alice', 'alan'])
  t.same((await names('--sort', 'created', '--reverse')).at(0), 'Alice')
  t.same((await names('--sort', 'last-sign-in')).length, 3)
  t.match(
    (await latchkey(['users', 'list', '--search', 'x'])).out,
    /^No name and no address in .* begins with "x"\.\n$/
  )
  t.match(await latchkey(['users', 'list', '--sort', 'age']), {
    code: 2,
    err: /Allowed choices are name, created/
  })

  await latchkey(['users', 'disable', 'bob'])
  const events = async (...words: string[]) =>
    (await lines('audit', 'tail', ...words)).map(({ event, name }) => `${event} ${name}`)
  t.same(await events('--event', 'registration', '-n', '2'), ['registration alan', 'registration bob'])
  t.same(await events('--event', 'account-disable', '--name', 'BOB'), ['account-disable bob'])
  t.same(await events('--by', 'alice'), [])
  t.same(await events('--address', '192.0.2.1'), [])
  t.match((await latchkey(['audit', 'tail', '--by', 'alice'])).out, 'There are no such events.')
  t.match(await latchkey(['audit', 'tail', '--earlier', '--name', 'bob', '--follow']), { code: 2 })
})

test('events are followed until Ctrl-C, each once', async (t) => {
  const env = settings(t)
  const latchkey = commandIn(t, env)
  for (const name of ['alice', 'bob']) await latchkey(['users', 'add', name], password)
  for (const json of [true, false]) {
    const words = [
      'audit',
      'tail',
      '--follow',
      '-n',
      '1',
      '--event',
      'account-enable',
      ...(json ? ['--json'] : [])
    ]
    await latchkey(['users', 'enable', 'alice'])
    const child = start(['node', command, ...words], env)
    let out = ''
    child.stdout.on('data', (text) => (out += text))
    const ending = outcome(child)
    await eventually('the latest', () => out.includes('alice'))
    await latchkey(['users', 'disable', 'bob'])
    await latchkey(['users', 'enable', 'bob'])
    await eventually('what happens', () => out.includes('bob'))
    child.kill('SIGINT')
    const { code, err } = await ending
    t.same({ code, err }, { code: 0, err: '' })
    const rows = out.trim().split('\n')
    t.equal(rows.length, json ? 2 : 3, out)
    if (json) t.match(objects(out), [{ name: 'alice' }, { name: 'bob' }])
    else t.match(rows[0], /^AT +EVENT/)
  }
})
