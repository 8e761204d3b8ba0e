import { createHook } from 'node:async_hooks'
import argon2 from 'argon2'
import t from 'tap'
import { Passwords } from '../../src/accounts/passwords.ts'
import { readConfig } from '../../src/settings/config.ts'

const passwords = new Passwords(readConfig({}).passwordHash)
const fox = '🦊'

t.test('the hash is argon2id at the configured cost, with its own salt', async (t) => {
  const [one, other] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')])
  const [, algorithm, version, cost = ''] = one.split('$')
  t.equal(algorithm, 'argon2id')
  t.equal(version, 'v=19')
  t.same(cost.split(',').sort(), ['m=12288', 'p=1', 't=3'])
  t.not(one, other)
})

t.test('only the right password is accepted', async (t) => {
  const hash = await passwords.hash('correct horse battery')
  t.equal(await passwords.verify(hash, 'correct horse battery'), true)
  t.equal(await passwords.verify(hash, 'correct horse batterY'), false)
  t.equal(await passwords.verify(hash, 'correct horse battery '), false)
  t.equal(await passwords.verify(hash, ''), false)
})

t.test('every Unicode spelling of an accent is the same password', async (t) => {
  const hash = await passwords.hash('cafe\u0301')
  t.equal(await passwords.verify(hash, 'café'), true)
  t.equal(await passwords.verify(await passwords.hash('café'), 'cafe\u0301'), true)
})

t.test('a long password counts up to its last character', async (t) => {
  const hash = await passwords.hash(`${fox.repeat(255)}a`)
  t.equal(await passwords.verify(hash, `${fox.repeat(255)}a`), true)
  t.equal(await passwords.verify(hash, `${fox.repeat(255)}b`), false)
  t.equal(await passwords.verify(await passwords.hash('zero\0one'), 'zero\0two'), false)
})

t.test('a hash made at another cost can still be verified', async (t) => {
  const cheap = new Passwords({ memoryKiB: 1024, passes: 2, lanes: 1 })
  const current = new Passwords({ memoryKiB: 2048, passes: 2, lanes: 1 })
  t.equal(await current.verify(await cheap.hash('correct horse'), 'correct horse'), true)
})

t.test('without a hash every password is refused, even the decoy’s', async (t) => {
  t.equal(await passwords.verify(undefined, 'correct horse'), false)
  t.equal(await passwords.verify(undefined, 'the password of nobody'), false)
})

t.test('verifying without a hash costs as much as with one', async (t) => {
  const hash = await passwords.hash('correct horse')
  t.equal(await hashingsDuring(() => passwords.verify(hash, 'wrong')), 1)
  t.equal(await hashingsDuring(() => passwords.verify(undefined, 'wrong')), 1)
})

/** On a slow machine the last one waits for long. */
const patient = { maxWaitMilliseconds: 3_600_000 }

t.test('under any load a limited number of hashes run at once and a limited number wait', async (t) => {
  const gated = new Passwords({ memoryKiB: 1024, passes: 2, lanes: 1 }, { maxConcurrent: 2, ...patient })
  const hash = await gated.hash('correct horse')
  const running = new Set<number>()
  let most = 0
  const hook = createHook({
    init: (id, type) => {
      if (type === 'argon2:HashWorker') running.add(id)
      most = Math.max(most, running.size)
    },
    before: (id) => void running.delete(id)
  }).enable()
  const asked = Array.from({ length: 400 }, () => gated.verify(hash, 'correct horse'))
  const answers = await Promise.allSettled(asked)
  hook.disable()

  t.equal(most, 2)
  const refused = answers.filter(({ status }) => status === 'rejected')
  t.equal(refused.length, 400 - 2 - 256)
  for (const answer of refused) t.match(answer, { reason: { code: 'LATCHKEY_BUSY' } })
})

t.test('a flood of new passwords leaves room for sign-ins', async (t) => {
  const gated = new Passwords({ memoryKiB: 1024, passes: 2, lanes: 1 }, patient)
  const hash = await gated.hash('correct horse')
  const flood = Promise.allSettled(Array.from({ length: 400 }, () => gated.hash('another horse')))
  const signIns = Array.from({ length: 100 }, () => gated.verify(hash, 'correct horse'))
  t.same(new Set(await Promise.all(signIns)), new Set([true]))
  const refused = (await flood).filter(({ status }) => status === 'rejected')
  t.equal(refused.length, 400 - 1 - 64)
})

t.test('a refused permit counts as a wrong password, and a failing permit is an error', async (t) => {
  const hash = await passwords.hash('correct horse')
  t.equal(await passwords.verify(hash, 'correct horse', { isAllowed: async () => true }), true)
  t.equal(await passwords.verify(hash, 'correct horse', { isAllowed: async () => false }), false)
  t.equal(await passwords.verify(hash, 'wrong', { isAllowed: async () => true }), false)
  const gone = new Error('gone')
  for (const tried of ['correct horse', 'wrong'])
    await t.rejects(passwords.verify(hash, tried, { isAllowed: () => Promise.reject(gone) }), gone)
})

t.test('the permit is asked for when the hash can run, and its slot is held until it answers', async (t) => {
  const gated = new Passwords({ memoryKiB: 1024, passes: 2, lanes: 1 }, patient)
  const hash = await gated.hash('correct horse')
  const { promise: answer, resolve: give } = Promise.withResolvers<boolean>()
  const { promise: asked, resolve: tellAsked } = Promise.withResolvers<void>()
  const permit = () => {
    tellAsked()
    return answer
  }
  const both = [
    gated.verify(hash, 'correct horse', { isAllowed: permit }),
    gated.verify(hash, 'correct horse')
  ]
  await asked
  // As long as the first hash takes, whose slot the second one needs.
  await passwords.hash('another horse')
  t.match(gated.queue, { running: 1, waiting: 1 })
  give(true)
  t.same(await Promise.all(both), [true, true])
})

t.test('every check does the same work: one hash of each cost that there is', async (t) => {
  const costs = [
    { memoryKiB: 1024, passes: 2, lanes: 1 },
    { memoryKiB: 2048, passes: 3, lanes: 1 },
    { memoryKiB: 3072, passes: 2, lanes: 2 },
    { memoryKiB: 8192, passes: 3, lanes: 1 }
  ]
  const hashes = await Promise.all(costs.map((cost) => new Passwords(cost).hash('correct horse')))
  const imported = { memoryCost: 1500, timeCost: 2, parallelism: 1 }
  for (const type of [argon2.argon2i, argon2.argon2d] as const)
    hashes.push(await argon2.hash('correct horse', { ...imported, type }))
  hashes.push((await argon2.hash('correct horse', { ...imported, version: 0x10 })).replace('$v=16', ''))
  const current = new Passwords({ memoryKiB: 4096, passes: 3, lanes: 1 })
  const unknown = [
    undefined,
    await current.hash('another'),
    `${hashes[0]}`.replace('$', ',keyid=lost$'),
    '$nonsense'
  ]
  t.equal(current.learnCostsOf(hashes).length, hashes.length)
  const expected = await workDuring(() => current.verify(undefined, 'wrong'))
  t.equal(expected.length, hashes.length + 1)
  for (const hash of [...unknown, ...hashes])
    t.same(await workDuring(() => current.verify(hash, 'wrong')), expected, `${hash}`)
  for (const hash of hashes) {
    t.same(await workDuring(() => current.verify(hash, 'correct horse')), expected)
    t.equal(await current.verify(hash, 'correct horse'), true)
    t.equal(current.isOutdated(hash), true)
  }
})

t.test('a cost that a check comes upon is part of all later ones', async (t) => {
  const hash = await new Passwords({ memoryKiB: 1024, passes: 2, lanes: 1 }).hash('correct horse')
  const current = new Passwords({ memoryKiB: 2048, passes: 2, lanes: 1 })
  t.equal((await workDuring(() => current.verify(undefined, 'wrong'))).length, 1)
  const met = await workDuring(() => current.verify(hash, 'wrong'))
  t.same(await workDuring(() => current.verify(undefined, 'wrong')), met)
})

t.test(
  'what is no hash, or one dearer than the setting may be, matches nothing and is no work',
  async (t) => {
    const valid = await passwords.hash('correct horse')
    const gated = new Passwords({ memoryKiB: 1024, passes: 2, lanes: 1 }, patient)
    const broken = ['', '$argon2id$', valid.slice(0, -30), valid.replace('m=12288', 'm=4194304'), `${valid}$`]
    for (const hash of broken) {
      t.equal(await hashingsDuring(() => gated.verify(hash, 'correct horse')), 1, hash)
      t.equal(await gated.verify(hash, 'correct horse'), false, hash)
    }
  }
)

/** What argon2 is asked for: the cost of each hash, in order. */
async function workDuring(step: () => Promise<unknown>): Promise<readonly string[]> {
  const { verify } = argon2
  const work: string[] = []
  Object.assign(argon2, {
    verify: (digest: string, password: string, options: object) => {
      const [, kind, ...rest] = digest.split('$')
      const parameters = rest.slice(0, -2).join(',').split(',')
      work.push([kind, ...parameters.filter((one) => /^[mtp]=/.test(one)).sort()].join())
      return verify(digest, password, options)
    }
  })
  await step().finally(() => Object.assign(argon2, { verify }))
  return work
}

/** How many hashes argon2 runs in Node's thread pool. */
async function hashingsDuring(work: () => Promise<unknown>): Promise<number> {
  let count = 0
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'argon2:HashWorker') count++
    }
  }).enable()
  await work()
  hook.disable()
  return count
}
