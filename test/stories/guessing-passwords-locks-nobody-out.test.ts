// group: attackers
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { alice, build, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'

/** One moment, however slow the machine. */
const moment = Date.now()
const now = () => moment

/** Tries a guess. @returns whether it was checked, or refused before */
async function guess(app: FastifyInstance, { username, from }: { username: string; from: string }) {
  const payload = { username, password: 'a guess like any other' }
  const { statusCode } = await app.inject({ method: 'POST', url: '/login', remoteAddress: from, payload })
  return statusCode
}

/** Fifty at a time; each starts when one before it is answered. */
async function guessHard(count: number, guessing: (number: number) => Promise<number>): Promise<number[]> {
  const statuses: number[] = []
  let begun = 0
  const guessers = Array.from({ length: 50 }, async () => {
    while (begun < count) statuses.push(await guessing(begun++))
  })
  await Promise.all(guessers)
  return statuses
}

const addressOf = (number: number) => `10.0.${number >> 8}.${number & 255}`

t.test('on one machine with the embedded database', async (t) => attack(t, 1000, [await build(t, { now })]))

t.test('on two machines that share a Redis', async (t) => {
  const { url } = await startRedis(t)
  const env = { REDIS_URL: url, SESSION_SECRET: secret }
  const DATABASE_URL = `file:${t.testdir()}/latchkey.db`
  await attack(t, 300, [
    await build(t, { now, env: { ...env, DATABASE_URL } }),
    await build(t, { now, env: { ...env, DATABASE_URL } })
  ])
})

async function attack(t: Parameters<typeof build>[0], tries: number, machines: readonly FastifyInstance[]) {
  const machine = (number: number) => machines[number % machines.length]!
  const app = machine(0)
  await app.latchkey.accounts.add(alice)
  const atHome = new Visitor(app, 'browser')
  await atHome.submit('/login', alice)
  await atHome.submit('/logout')

  const stuffing = await guessHard(tries, (number) =>
    guess(machine(number), { username: `person ${number}`, from: '192.0.2.7' })
  )
  t.equal(stuffing.filter((status) => status === 401).length, 10, `ten of ${tries} from one address`)
  t.equal(stuffing.filter((status) => status === 429).length, tries - 10)

  const network = await guessHard(100, (number) =>
    guess(machine(number), { username: `person ${number}`, from: `2001:db8:0:7::${number.toString(16)}` })
  )
  t.equal(network.filter((status) => status === 401).length, 10, 'a whole /64 of IPv6 counts as one address')

  const hammering = guessHard(tries, (number) =>
    guess(machine(number), { username: 'alice', from: addressOf(number) })
  )
  let meanwhile = await atHome.submit('/login', alice)
  // On a very busy machine their wait may exceed five seconds, which is a 503.
  while (meanwhile.statusCode === 503) meanwhile = await atHome.submit('/login', alice)
  t.equal(meanwhile.statusCode, 303, 'the owner can sign in meanwhile')
  const looked = (await hammering).filter((status) => status === 401).length
  // The owner's sign-in resets the count, so there may be twice twenty.
  t.ok(looked <= 40, `${looked} of ${tries} on one name, each from another address`)

  t.equal((await atHome.submit('/confirm', { password: alice.password })).statusCode, 303)
  await atHome.submit('/logout')
  t.equal((await atHome.submit('/login', alice)).statusCode, 303, 'and afterwards')
}
