import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { StorageError } from '../../src/errors/errors.ts'
import { newAccountId } from '../../src/identity/account-id.ts'
import type { Attempt } from '../../src/throttle/attempt-counters.ts'
import { SqliteCounters } from '../../src/throttle/sqlite-counters.ts'
import { Throttle } from '../../src/throttle/throttle.ts'

const minute = 60
const day = 24 * 60 * minute
const here = { name: 'alice', address: '192.0.2.7', device: undefined }
const home = { ...here, device: 'a browser of hers' }

async function open(t: Test) {
  let time = Date.UTC(2026, 0, 2)
  const database = await openSqlite(':memory:')
  const counters = new SqliteCounters(database.sqlite, () => time)
  const again = () => new Throttle({ counters, now: () => time })
  const throttle = again()
  t.teardown(async () => {
    await throttle.close()
    await database.close()
  })
  const checked: string[] = []
  const attempt = (who: Attempt, ok: boolean) =>
    throttle.guard(who, async () => {
      checked.push(who.name)
      return { ok }
    })
  return {
    throttle,
    /** Of another process on the same counters. */
    again,
    checked,
    wrong: (who: Attempt = here) => attempt(who, false),
    right: (who: Attempt = here) => attempt(who, true),
    pass: (seconds: number) => {
      time += seconds * 1000
    }
  }
}

/** Fails as soon as an attempt is allowed, so many times. @returns the waits in seconds */
async function tryPatiently({ wrong, pass }: Awaited<ReturnType<typeof open>>, times: number, who: Attempt) {
  const waits: number[] = []
  while (waits.length < times) {
    const outcome = await wrong(who)
    if ('retryAfterSeconds' in outcome) {
      if (!Number.isFinite(outcome.retryAfterSeconds)) return [...waits, Number.POSITIVE_INFINITY]
      waits.push(outcome.retryAfterSeconds)
      pass(outcome.retryAfterSeconds)
    }
  }
  return waits
}

t.test('after the fifth failed attempt the waits grow from 30 seconds to 15 minutes', async (t) => {
  const opened = await open(t)
  for (let tries = 0; tries < 5; tries += 1) t.same(await opened.wrong(), { ok: false })
  t.same(await tryPatiently(opened, 7, here), [30, 60, 120, 240, 480, 900, 900])
})

t.test('the right password resets the waits', async (t) => {
  const { wrong, right, pass } = await open(t)
  for (let tries = 0; tries < 5; tries += 1) await wrong()
  t.match(await right(), { reason: 'throttled', retryAfterSeconds: 30 }, 'the right password has to wait too')
  pass(30)
  t.same(await right(), { ok: true })
  for (let tries = 0; tries < 5; tries += 1) t.same(await wrong(), { ok: false })
})

t.test('a user who signs in many times never waits', async (t) => {
  const { right } = await open(t)
  for (let tries = 0; tries < 30; tries += 1) t.same(await right(), { ok: true })
})

t.test(
  'one account signs in 30 times at once, then once in two seconds, from all addresses together',
  async (t) => {
    const { right, wrong, pass, checked } = await open(t)
    const from = (n: number) => ({ ...here, address: `10.0.0.${n}`, device: n % 2 ? 'known' : undefined })
    for (let n = 0; n < 40; n += 1) await right(from(n))
    t.equal(checked.length, 30)
    t.match(await right(from(1)), { ok: false, reason: 'throttled', retryAfterSeconds: 2 })
    pass(2)
    t.same(await right(from(2)), { ok: true }, 'being told to wait makes no wait longer')
    t.match(await right(from(3)), { retryAfterSeconds: 2 })
    t.same(await right({ ...here, name: 'bob' }), { ok: true }, 'others are not held up')
    pass(60)
    for (let tries = 0; tries < 30; tries += 1) t.same(await right(from(tries)), { ok: true })
    pass(60)
    for (let tries = 0; tries < 3; tries += 1) await wrong(from(tries))
    for (let tries = 0; tries < 30; tries += 1)
      t.same(await right(home), { ok: true }, 'wrong ones do not count')
  }
)

t.test(
  'at most ten of a thousand concurrent attempts from one address are checked, whatever the names',
  async (t) => {
    const { wrong, checked } = await open(t)
    await Promise.all(Array.from({ length: 1000 }, (_, n) => wrong({ ...here, name: `person ${n}` })))
    t.equal(checked.length, 10)
  }
)

t.test('an address is forgiven one failed attempt a minute, so a large household can go on', async (t) => {
  const { wrong, pass } = await open(t)
  for (let tries = 0; tries < 100; tries += 1) {
    t.same(await wrong({ ...here, name: `person ${tries}` }), { ok: false })
    pass(minute)
  }
})

t.test('signing in to one’s own account does not reset attempts on others', async (t) => {
  const { wrong, right, checked } = await open(t)
  for (let tries = 0; tries < 50; tries += 1) {
    await wrong({ ...here, name: `victim ${tries}` })
    await right({ ...here, name: 'mallory' })
  }
  t.equal(checked.filter((name) => name !== 'mallory').length, 10)
})

t.test('attempts from one address do not lock out other addresses', async (t) => {
  const { wrong, right } = await open(t)
  for (let tries = 0; tries < 1000; tries += 1) await wrong()
  t.same(await right({ ...here, address: '198.51.100.1' }), { ok: true })
})

t.test('a name attacked from everywhere is checked twenty times, then it has to wait too', async (t) => {
  const { wrong, right, checked } = await open(t)
  for (let n = 0; n < 1000; n += 1) await wrong({ ...here, address: `10.0.${n >> 8}.${n & 255}` })
  t.equal(checked.length, 20)
  const elsewhere = { ...here, address: '198.51.100.1' }
  t.match(await right(elsewhere), { reason: 'throttled', retryAfterSeconds: 30 })
  t.same(await right({ ...elsewhere, name: 'bob' }), { ok: true }, 'other names are not delayed')
})

t.test('the owner of an attacked name can sign in from a known browser', async (t) => {
  const { wrong, right } = await open(t)
  for (let n = 0; n < 1000; n += 1) await wrong({ ...here, address: `10.0.${n >> 8}.${n & 255}` })
  for (let n = 0; n < 1000; n += 1) await wrong()
  t.same(await right(home), { ok: true }, 'even at the same address')
  t.same(await wrong({ ...here, address: '198.51.100.1' }), { ok: false }, 'all counts start again')
})

t.test('a known browser has its own waits', async (t) => {
  const opened = await open(t)
  for (let tries = 0; tries < 5; tries += 1) t.same(await opened.wrong(home), { ok: false })
  t.match(await opened.right(home), { retryAfterSeconds: 30 })
  t.same(await opened.right({ ...here, device: 'another of hers' }), { ok: true })
  t.same(await opened.wrong(), { ok: false }, 'strangers have theirs')
})

t.test(
  'a hundred failed attempts in a row close a name, the last ten from known browsers only',
  async (t) => {
    const opened = await open(t)
    const { wrong, right, checked, pass, throttle } = opened
    const hundreds = Array.from({ length: 30 }, (_, n) => ({ ...here, address: `10.0.0.${n}` }))
    for (const who of hundreds) await tryPatiently(opened, 4, who)
    t.equal(checked.length, 90)
    pass(29 * day)
    t.match(await right({ ...here, address: '198.51.100.1' }), {
      retryAfterSeconds: Number.POSITIVE_INFINITY
    })

    t.same(await tryPatiently(opened, 9, home), [30, 60, 120, 240, 480, 900, Number.POSITIVE_INFINITY])
    t.equal(checked.length, 100)
    t.match(await right({ ...home, device: 'another of hers' }), { ok: false })

    await throttle.reset({ name: 'ALICE' })
    t.same(await right({ ...here, address: '198.51.100.1' }), { ok: true })
    t.same(await wrong({ ...here, address: '198.51.100.2' }), { ok: false })
  }
)

t.test('failed attempts on a name are forgotten after thirty quiet days, known or unknown', async (t) => {
  const opened = await open(t)
  for (let n = 0; n < 30; n += 1) await tryPatiently(opened, 4, { ...here, address: `10.0.0.${n}` })
  const elsewhere = { ...here, address: '198.51.100.1' }
  t.match(await opened.wrong(elsewhere), { retryAfterSeconds: Number.POSITIVE_INFINITY })
  opened.pass(30 * day)
  t.same(await opened.wrong(elsewhere), { ok: false })
})

t.test(
  'the check is told the limit of failed attempts, which is ten higher for a known browser',
  async (t) => {
    const { throttle } = await open(t)
    const told: number[] = []
    for (const who of [here, home, { ...here, session: 'hers' }])
      await throttle.guard(who, async (most) => ({ ok: told.push(most) > 0 }))
    t.same(told, [90, 100, Number.POSITIVE_INFINITY])
  }
)

t.test('only a known browser is told that an account is closed', async (t) => {
  const { throttle } = await open(t)
  const closed = async () => ({ ok: false, reason: 'closed' })
  t.notMatch(await throttle.guard(here, closed), { retryAfterSeconds: Number })
  t.match(await throttle.guard(home, closed), {
    ok: false,
    reason: 'throttled',
    retryAfterSeconds: Number.POSITIVE_INFINITY
  })
})

t.test('an owner who signs in from a known browser reopens the name for all', async (t) => {
  const opened = await open(t)
  for (let n = 0; n < 30; n += 1) await tryPatiently(opened, 4, { ...here, address: `10.0.0.${n}` })
  t.same(await opened.right(home), { ok: true })
  t.same(await opened.right({ ...here, address: '198.51.100.1' }), { ok: true })
})

t.test('an attempt that could not be checked does not count', async (t) => {
  const { throttle, wrong } = await open(t)
  const broken = new StorageError('The accounts database', new Error('gone'))
  for (const who of [here, home]) {
    for (let tries = 0; tries < 20; tries += 1)
      await t.rejects(
        throttle.guard(who, () => Promise.reject(broken)),
        broken
      )
    t.same(await wrong(who), { ok: false })
  }
})

t.test('refused attempts cost nothing once the wait is over', async (t) => {
  const { wrong, pass, checked } = await open(t)
  for (let n = 0; n < 20; n += 1) await wrong({ ...here, address: `10.0.0.${n}` })
  const elsewhere = { ...here, address: '198.51.100.1' }
  for (let tries = 0; tries < 100; tries += 1) t.match(await wrong(elsewhere), { reason: 'throttled' })
  pass(30)
  t.same(await wrong(elsewhere), { ok: false }, 'neither the address nor the pair was charged')
  t.equal(checked.length, 21)
})

t.test('without its counters it checks nothing', async (t) => {
  const database = await openSqlite(':memory:')
  const throttle = new Throttle({ counters: new SqliteCounters(database.sqlite) })
  t.teardown(() => throttle.close())
  database.sqlite.exec('DROP TABLE attempts')
  let isChecked = false
  const check = async () => {
    isChecked = true
    return { ok: true }
  }
  await t.rejects(throttle.guard(here, check), StorageError)
  t.equal(isChecked, false)
  await database.close()
})

t.test('whoever is signed in can try, whatever strangers and known browsers have done', async (t) => {
  const opened = await open(t)
  const { wrong, right } = opened
  for (let n = 0; n < 30; n += 1) await tryPatiently(opened, 4, { ...here, address: `10.0.0.${n}` })
  while (Number.isFinite(Number((await tryPatiently(opened, 9, home)).at(-1))));
  for (let n = 0; n < 40; n += 1) await right(home)
  const signedIn = { ...here, session: 'a session of hers' }
  t.same(await wrong(signedIn), { ok: false })
  t.same(await right(signedIn), { ok: true })
  t.same(await right(home), { ok: true }, 'this opens the name for all')
})

t.test('a session has five attempts, then waits, and twenty in a row', async (t) => {
  const opened = await open(t)
  const thief = { ...here, session: 'a stolen session' }
  for (let tries = 0; tries < 5; tries += 1) t.same(await opened.wrong(thief), { ok: false })
  const waits = await tryPatiently(opened, 20, thief)
  t.same(waits.slice(0, 3), [30, 60, 120])
  t.equal(waits.at(-1), Number.POSITIVE_INFINITY)
  t.equal(opened.checked.length, 20)
  t.match(await opened.right(thief), { reason: 'throttled', claimant: 'user' })
  t.same(await opened.right({ ...here, session: 'another of hers' }), { ok: true })
  t.match(await opened.right(thief), { reason: 'throttled' })
})

t.test('many known browsers at one address have no more attempts than one address', async (t) => {
  const { wrong, right, checked } = await open(t)
  for (let n = 0; n < 20; n += 1)
    for (let tries = 0; tries < 5; tries += 1) await wrong({ ...here, device: `browser ${n}` })
  t.equal(checked.length, 10)
  t.same(await wrong(), { ok: false }, 'strangers at that address have their own')
  t.same(await right({ ...home, address: '198.51.100.1' }), { ok: true })
})

t.test('the next account of a name inherits no count, and no name is counted as an account', async (t) => {
  const { wrong, right, again } = await open(t)
  const account = newAccountId()
  const former = { ...here, account }
  for (let tries = 0; tries < 5; tries += 1) await wrong(former)
  for (const who of [former, { ...former, name: 'ALICE' }]) t.match(await wrong(who), { reason: 'throttled' })
  // What was just refused is remembered by the name, for a second, in that process.
  const asked = (who: Attempt) => again().guard(who, async () => ({ ok: true }))
  t.match(await asked(former), { reason: 'throttled' }, 'in another process too')
  for (const next of [{ ...here, account: newAccountId() }, here, { ...here, name: account }])
    t.same(await asked(next), { ok: true })
  t.match(await right(former), { reason: 'throttled' })
})

t.test(
  'an account sends five mails at once, one of them to an address, and a crowd six to one',
  async (t) => {
    const { throttle, pass } = await open(t)
    let network = 0
    const sent = async (from: string, to: string) => {
      network += 1
      return (await throttle.guardMail({ from, to, address: `10.0.${network}.1` }, async () => {})).ok
    }
    t.equal(await sent('alice', '1@example.org'), true)
    t.equal(await sent('alice', '1@example.org'), false)
    for (const n of [2, 3, 4, 5]) t.equal(await sent('alice', `${n}@example.org`), true)
    t.match(await throttle.guardMail({ from: 'alice', to: '6@example.org', address: '' }, async () => {}), {
      retryAfterSeconds: 12 * minute
    })
    for (const n of [1, 2, 3, 4, 5]) t.equal(await sent(`account ${n}`, '1@example.org'), true)
    t.equal(await sent('account 6', '1@example.org'), false)
    pass(20 * minute)
    t.equal(await sent('alice', '1@example.org'), true)
    const fails = throttle.guardMail({ from: 'bob', to: 'x@example.org', address: '' }, async () => {
      throw new StorageError('The database', undefined)
    })
    await t.rejects(fails, StorageError)
    t.equal(await sent('bob', 'x@example.org'), true, 'what was not sent does not count')
  }
)

t.test(
  'those who register send one mail to an address in 20 minutes, and leave some to accounts',
  async (t) => {
    const { throttle, pass } = await open(t)
    const to = 'ada@example.org'
    let network = 0
    const sent = async (from: string, atRegistration: boolean) => {
      network += 1
      const asked = { from, to, address: `10.0.${network}.1`, atRegistration }
      return (await throttle.guardMail(asked, async () => {})).ok
    }
    let mails = 0
    for (let n = 0; n < 60; n += 1) {
      if (await sent(`new ${n}`, true)) mails += 1
      pass(minute)
    }
    t.equal(mails, 3, 'in an hour')
    t.equal(await sent('ada', false), true, 'whoever has the address confirms it meanwhile')
  }
)

t.test(
  'a network that makes accounts mails a stranger eight times in a day, and keeps nobody else',
  async (t) => {
    const { throttle, pass } = await open(t)
    const asked = (address: string) =>
      throttle.guardMail({ from: newAccountId(), to: 'ada@example.org', address }, async () => {})
    let mails = 0
    for (let n = 0; n < 24 * 6; n += 1) {
      // As many networks as somebody with a /48 likes.
      if ((await asked(`2001:db8:5:${n.toString(16)}::1`)).ok) mails += 1
      pass(10 * minute)
    }
    t.equal(mails, 8)
    t.equal((await asked('2001:db8:6::1')).ok, true, 'whoever has the address asks from elsewhere')
  }
)

t.test('a mailbox that has many addresses is mailed as often as one', async (t) => {
  const { throttle } = await open(t)
  const step = { run: async () => ({ ok: true as const }), counts: () => true }
  let asked = 0
  let mailed = 0
  for (let n = 0; n < 20; n += 1) {
    const to = `a${'.'.repeat(n % 2)}da+${n}@example.org`
    if ((await throttle.guardRegistration(`2001:db8:5:${n.toString(16)}::1`, step, to)).ok) asked += 1
    const address = `10.${n}.0.1`
    if ((await throttle.guardMail({ from: newAccountId(), to, address }, async () => {})).ok) mailed += 1
  }
  t.same({ asked, mailed }, { asked: 10, mailed: 6 })
  const elsewhere = await throttle.guardRegistration('192.0.2.1', step, 'ada@example.org')
  t.equal(elsewhere.ok, true, 'and whoever reads mail there asks from elsewhere')
  t.equal((await throttle.guardRegistration('2001:db8:5::1', step, 'bob@example.org')).ok, true)
})

t.test('somebody with 65,536 networks asks a hundred times, then ten times a minute', async (t) => {
  const { throttle, pass } = await open(t)
  const step = { run: async () => ({ ok: true as const }), counts: () => true }
  for (const ask of [
    (from: string) => throttle.guardReset(from, async () => {}),
    (from: string) => throttle.guardRegistration(from, step)
  ]) {
    const taken = async () => {
      let count = 0
      for (let n = 0; n < 120; n += 1) if ((await ask(`2001:db8:5:${n.toString(16)}::1`)).ok) count += 1
      return count
    }
    t.equal(await taken(), 100)
    t.equal((await ask('2001:db8:6::1')).ok, true, 'and holds up nobody else')
    pass(minute)
    t.equal(await taken(), 10)
  }
})
