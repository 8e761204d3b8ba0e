import t from 'tap'
import { faultsOf, type Store, scheduleOf } from '../../../bench/nemesis/schedule.ts'

const options = { milliseconds: 600_000, hasFaketime: true }

t.test('a seed always has the same schedule, and another seed another', async (t) => {
  const of = (seed: number) => scheduleOf(seed, { store: 'redis', ...options })
  t.same(of(7), of(7))
  t.notSame(of(7), of(8))
})

t.test('in ten minutes every fault of the store comes', async (t) => {
  for (const store of Object.keys(faultsOf) as Store[]) {
    const { stores, processes } = scheduleOf(1, { store, ...options })
    t.same(new Set(stores.map(({ name }) => name)), new Set(faultsOf[store]), store)
    t.equal(new Set(processes.map(({ name }) => name)).size, 3)
  }
})

t.test('without libfaketime no clock steps, and only what is asked for comes', async (t) => {
  const { processes } = scheduleOf(1, { store: 'redis', ...options, hasFaketime: false })
  t.notOk(processes.some(({ name }) => name === 'a clock steps'))
  const only = ['Redis is flushed']
  const asked = scheduleOf(1, { store: 'redis', ...options, only })
  t.same(new Set(asked.stores.map(({ name }) => name)), new Set(only))
  t.same(asked.processes, [])
})
