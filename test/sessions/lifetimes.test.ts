import t from 'tap'
import { readConfig } from '../../src/config.ts'
import { endOfSession } from '../../src/sessions/lifetimes.ts'

const { lifetimes } = readConfig({})
const cookie = { originalMaxAge: null }
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const startedAt = Date.UTC(2026, 0, 2)

t.test('a session ends after its idle time', async (t) => {
  const record = { cookie, startedAt }
  t.equal(endOfSession(record, lifetimes, startedAt), startedAt + 30 * minute)
  t.equal(endOfSession(record, lifetimes, startedAt + hour), startedAt + 90 * minute)
})

t.test('but never after its absolute lifetime, however much it is used', async (t) => {
  const record = { cookie, startedAt }
  const lastSlide = startedAt + 12 * hour - 30 * minute
  t.equal(endOfSession(record, lifetimes, lastSlide - 1), startedAt + 12 * hour - 1)
  t.equal(endOfSession(record, lifetimes, lastSlide), startedAt + 12 * hour)
  t.equal(endOfSession(record, lifetimes, lastSlide + minute), startedAt + 12 * hour)
  t.equal(endOfSession(record, lifetimes, startedAt + 99 * day), startedAt + 12 * hour)
})

t.test('a remembered session has both of its own', async (t) => {
  const record = { cookie, startedAt, remember: true }
  t.equal(endOfSession(record, lifetimes, startedAt), startedAt + 14 * day)
  t.equal(endOfSession(record, lifetimes, startedAt + 20 * day), startedAt + 30 * day)
})

t.test('a session without a start begins now', async (t) => {
  t.equal(endOfSession({ cookie }, lifetimes, startedAt), startedAt + 30 * minute)
})

t.test('an idle time beyond the absolute lifetime makes no session longer', async (t) => {
  const long = { ...lifetimes, idle: 99 * day }
  t.equal(endOfSession({ cookie, startedAt }, long, startedAt), startedAt + 12 * hour)
})
