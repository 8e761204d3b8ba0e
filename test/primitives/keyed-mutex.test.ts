import t from 'tap'
import { Turns } from '../../src/primitives/keyed-mutex.ts'

t.test('steps under one key wait for each other, those under others do not', async (t) => {
  const turns = new Turns()
  const { promise, resolve } = Promise.withResolvers<void>()
  const done: string[] = []
  const first = turns.take('a', async () => {
    await promise
    done.push('first')
  })
  const second = turns.take('a', async () => done.push('second'))
  await turns.take('b', async () => done.push('other'))
  resolve()
  await Promise.all([first, second])
  t.same(done, ['other', 'first', 'second'])
})

t.test('a step that fails is told to its own caller only', async (t) => {
  const turns = new Turns()
  await t.rejects(
    turns.take('a', () => Promise.reject(new Error('no'))),
    { message: 'no' }
  )
  t.equal(await turns.take('a', async () => 'next'), 'next')
})
