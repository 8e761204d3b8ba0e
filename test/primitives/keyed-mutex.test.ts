import t from 'tap'
import { KeyedMutex } from '../../src/primitives/keyed-mutex.ts'

t.test('steps under one key wait for each other, those under others do not', async (t) => {
  const turns = new KeyedMutex()
  const { promise, resolve } = Promise.withResolvers<void>()
  const done: string[] = []
  const first = turns.run('a', async () => {
    await promise
    done.push('first')
  })
  const second = turns.run('a', async () => done.push('second'))
  await turns.run('b', async () => done.push('other'))
  resolve()
  await Promise.all([first, second])
  t.same(done, ['other', 'first', 'second'])
})

t.test('a step that fails is told to its own caller only', async (t) => {
  const turns = new KeyedMutex()
  await t.rejects(
    turns.run('a', () => Promise.reject(new Error('no'))),
    { message: 'no' }
  )
  t.equal(await turns.run('a', async () => 'next'), 'next')
})
