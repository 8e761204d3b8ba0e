import { parseArgs } from 'node:util'
import Fastify from 'fastify'
import latchkey from '../src/app.ts'
import { serverOptions } from '../src/server/server-options.ts'
import { readConfig } from '../src/settings/config.ts'
import { type Environment, readEnvironment } from '../src/settings/environment.ts'
import { NotEmptyError, seedPeople } from './seed-people.ts'

const password = 'correct horse battery'
const people = [
  { username: 'alice', role: 'admin' },
  { username: 'bob', role: 'user' },
  { username: 'مريم', role: 'user' }
] as const

/** User-Agents of common browsers and addresses reserved for examples (RFC 5737, 3849). */
const browsers = [
  {
    remoteAddress: '192.0.2.10',
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
  },
  {
    remoteAddress: '198.51.100.20',
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1'
  },
  {
    remoteAddress: '2001:db8::30',
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0'
  }
]

/**
 * Gives a service in development accounts and sessions, through the requests that a browser sends. Existing
 * accounts stay; it may be run again.
 * @returns what it did, a sentence each
 */
export async function seed(environment: Environment): Promise<string[]> {
  const config = readConfig(environment)
  const app = Fastify({ ...serverOptions(config), logger: false })
  try {
    await app.register(latchkey, { config })
    const said: string[] = []
    for (const { username, role } of people) {
      const added = await app.latchkey.accounts.add({ username, password }, role)
      said.push(added.ok ? `Added ${username}, ${role}.` : `${username} is there already.`)
      for (const { remoteAddress, userAgent } of browsers) {
        const headers = { 'user-agent': userAgent, 'x-forwarded-proto': 'https' }
        const payload = { username, password, remember: true }
        await app.inject({ method: 'POST', url: '/login', remoteAddress, headers, payload })
      }
    }
    return [...said, `The password of each: ${password}`]
  } finally {
    await app.close()
  }
}

/** `npm run seed -- --people 1000000`. @returns the exit code */
async function fill(people: number, add: boolean): Promise<number> {
  const stopped = new AbortController()
  process.once('SIGINT', () => stopped.abort())
  process.once('SIGTERM', () => stopped.abort())
  let told = -5
  const onProgress = (done: number) => {
    const percent = Math.floor((100 * done) / people)
    if (percent < told + 5 && done < people) return
    told = percent
    process.stderr.write(
      `${done.toLocaleString('en')} of ${people.toLocaleString('en')} people, ${percent}%\n`
    )
  }
  try {
    const options = { people, add, password, onProgress, signal: stopped.signal }
    const done = await seedPeople(readEnvironment(), options)
    if (done < people) {
      console.error(`Stopped after ${done} people, who stay. To go on, add --add.`)
      return 130
    }
    console.log(
      `Added ${done} people. The password of each, and of the administrator anna.adler.0: ${password}`
    )
    return 0
  } catch (error) {
    if (!(error instanceof NotEmptyError)) throw error
    console.error(
      `${error.message} Nothing was added: to add more, add --add; or set DATABASE_URL to another database.`
    )
    return 1
  }
}

/** @returns what to add, or what is wrong with the words of the command, as one line */
export function readWords(args: string[]): { people?: number; add?: boolean } | { fault: string } {
  try {
    const options = { people: { type: 'string' }, add: { type: 'boolean' } } as const
    const { people, add } = parseArgs({ args, options }).values
    if (people === undefined) return {}
    if (/^[1-9]\d{0,8}$/.test(people)) return { people: Number(people), add: add ?? false }
    return { fault: `--people is ${people}: it is a whole number from 1.` }
  } catch (error) {
    return { fault: String((error as Error).message).split('\n', 1)[0] ?? '' }
  }
}

if (import.meta.main) {
  const words = readWords(process.argv.slice(2))
  if ('fault' in words) {
    console.error(words.fault)
    process.exitCode = 2
  } else if (words.people === undefined)
    for (const sentence of await seed(readEnvironment())) console.log(sentence)
  else process.exitCode = await fill(words.people, words.add ?? false)
}
