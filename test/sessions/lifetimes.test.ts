import t from 'tap'
import {
  lastSeen,
  proofAge,
  sessionExpiry,
  storeExpiry,
  timeLeft,
  touchInterval
} from '../../src/sessions/lifetimes.ts'
import { readConfig } from '../../src/settings/config.ts'

const { lifetimes } = readConfig({})
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const startedAt = Date.UTC(2026, 0, 2)

t.test('a session ends after its idle time', async (t) => {
  const record = { startedAt }
  t.equal(sessionExpiry(record, lifetimes, startedAt), startedAt + 30 * minute)
  t.equal(sessionExpiry(record, lifetimes, startedAt + hour), startedAt + 90 * minute)
})

t.test('a session never outlives its absolute lifetime, however much it is used', async (t) => {
  const record = { startedAt }
  const lastSlide = startedAt + 12 * hour - 30 * minute
  t.equal(sessionExpiry(record, lifetimes, lastSlide - 1), startedAt + 12 * hour - 1)
  t.equal(sessionExpiry(record, lifetimes, lastSlide), startedAt + 12 * hour)
  t.equal(sessionExpiry(record, lifetimes, lastSlide + minute), startedAt + 12 * hour)
  t.equal(sessionExpiry(record, lifetimes, startedAt + 99 * day), startedAt + 12 * hour)
})

t.test('a remembered session has its own idle time and lifetime', async (t) => {
  const record = { startedAt, remember: true }
  t.equal(sessionExpiry(record, lifetimes, startedAt), startedAt + 14 * day)
  t.equal(sessionExpiry(record, lifetimes, startedAt + 20 * day), startedAt + 30 * day)
})

t.test('an idle time longer than the absolute lifetime does not extend a session', async (t) => {
  const long = { ...lifetimes, idle: 99 * day }
  t.equal(sessionExpiry({ startedAt }, long, startedAt), startedAt + 12 * hour)
})

t.test('the store drops a session after its idle time', async (t) => {
  t.equal(storeExpiry({ startedAt }, lifetimes, startedAt + hour), startedAt + 90 * minute)
})

t.test('the store drops a session soon after its absolute lifetime', async (t) => {
  const last = startedAt + 12 * hour
  t.equal(storeExpiry({ startedAt }, lifetimes, last - 30 * minute), last)
  t.equal(storeExpiry({ startedAt }, lifetimes, last - 1), last + 999)
  const remembered = { startedAt, remember: true }
  t.equal(storeExpiry(remembered, lifetimes, startedAt + 30 * day), startedAt + 30 * day + (14 * day) / 1800)
})

t.test('the expiry in the store gives the time of the last use', async (t) => {
  for (const remember of [false, true]) {
    const session = { startedAt, remember }
    const lifetime = remember ? lifetimes.rememberAbsolute : lifetimes.absolute
    for (let seenAt = startedAt; seenAt <= startedAt + lifetime; seenAt += 7 * minute + 1) {
      const told = lastSeen(session, lifetimes, storeExpiry(session, lifetimes, seenAt))
      if (told > seenAt || told <= seenAt - 2000) t.fail(`seen at ${seenAt}, told ${told}`)
    }
  }
  t.pass('to two seconds')
})

t.test('the remaining time is in seconds and rounded down, because touching is rare', async (t) => {
  const hours = 3600
  t.same(timeLeft({ startedAt: 0 }, lifetimes, hour), { idleSeconds: 29 * 60, mostSeconds: 11 * hours })
  t.same(timeLeft({ startedAt: 0, remember: true }, lifetimes, day), {
    idleSeconds: 14 * 24 * hours - 60,
    mostSeconds: 29 * 24 * hours
  })
  const short = { ...lifetimes, idle: 45_000 }
  t.match(timeLeft({}, short, 0), { idleSeconds: 40 })
})

t.test('a cookie’s own age is extended often enough that the session never ends early', async (t) => {
  for (const originalMaxAge of [999, 30_000, hour, 20 * day]) {
    const session = { startedAt, cookie: { originalMaxAge } }
    const every = touchInterval(session, lifetimes)
    t.equal(every, Math.min(minute, Math.floor(originalMaxAge / 10)))
    const end = startedAt + originalMaxAge + every
    const moved = Math.min(end, startedAt + lifetimes.rememberIdle)
    t.equal(sessionExpiry(session, lifetimes, startedAt), moved)
    t.equal(storeExpiry(session, lifetimes, startedAt), moved)
    t.equal(lastSeen(session, lifetimes, moved), startedAt)
    t.ok(Number.isInteger(moved), 'milliseconds, as Redis takes them')
  }
})

t.test('a remembered session has its own idle time, whatever its cookie says', async (t) => {
  const session = { startedAt, remember: true, cookie: { originalMaxAge: 1000 } }
  t.equal(touchInterval(session, lifetimes), minute)
  t.equal(sessionExpiry(session, lifetimes, startedAt), startedAt + lifetimes.rememberIdle)
})

t.test('the absolute lifetime begins anew with each proof, and with nothing else', async (t) => {
  const proved = { startedAt, accountProofs: { password: startedAt + hour } }
  t.equal(sessionExpiry(proved, lifetimes, startedAt + 99 * day), startedAt + 13 * hour)
  const older = { startedAt, accountProofs: { password: startedAt - hour } }
  t.equal(sessionExpiry(older, lifetimes, startedAt + 99 * day), startedAt + 12 * hour)
})

t.test('what was not proved, or in the future, was proved longer ago than any limit', async (t) => {
  t.equal(proofAge({ password: startedAt }, startedAt + hour), hour)
  t.equal(proofAge({ password: startedAt + 1 }, startedAt), 0, 'another clock may be a little ahead')
  for (const none of [undefined, {}, { password: startedAt + hour }])
    t.equal(proofAge(none, startedAt), startedAt)
})
