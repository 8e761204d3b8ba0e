import t from 'tap'
import { KeyedMutex } from '../../src/primitives/keyed-mutex.ts'

t.test('tasks of one key run in order, tasks of other keys at once', async (t) => {
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

t.test('only the caller of a failing task gets its error', async (t) => {
  const turns = new KeyedMutex()
  await t.rejects(
    turns.run('a', () => Promise.reject(new Error('no'))),
    { message: 'no' }
  )
  t.equal(await turns.run('a', async () => 'next'), 'next')
})
