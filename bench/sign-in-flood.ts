import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AccountsStore } from '../src/accounts/accounts-store.ts'
import { Passwords } from '../src/accounts/passwords.ts'
import { openSqlite } from '../src/database/sqlite.ts'
import { readConfig } from '../src/settings/config.ts'
import { startService, untilReady } from './start-service.ts'

// Measures what 50 and 400 concurrent sign-ins, each from its own address, cost all other requests. It reads the memory of
// the service from /proc, so it runs on Linux only.
//   node bench/sign-in-flood.ts
//   REDIS_URL=redis://localhost:6379 node bench/sign-in-flood.ts
const password = 'correct horse battery'
const metricsToken = 'x'.repeat(32)
const sizes = [50, 400]
const quietMilliseconds = 3000
/** Gives up after this time, for example on a busy machine. */
const longestMilliseconds = 80_000
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
const file = join(folder, 'latchkey.db')
const agent = new Agent({ keepAlive: true })

let service: string
await makeAccounts(Math.max(...sizes))
const child = startService({
  DATABASE_URL: `file:${file}`,
  METRICS_TOKEN: metricsToken,
  TRUST_PROXY: '127.0.0.1'
})
const gone = once(child, 'close')
setTimeout(giveUp, longestMilliseconds).unref()
try {
  service = await untilReady(child)
  const cookie = await signIn(0)
  console.log(`passwords hashed at once: ${await mostHashedAtOnce()}`)
  const pages = ['/dashboard', '/health/ready']
  await visitUntil(sleep(1000), pages, cookie)
  const quiet = await visitUntil(sleep(quietMilliseconds), pages, cookie)
  tellMemory()
  for (const size of sizes) {
    const flood = signInAtOnce(size)
    const during = await visitUntil(flood, pages, cookie)
    tell(await flood)
    for (const page of pages) compare(page, quiet.get(page) ?? [], during.get(page) ?? [])
    tellMemory()
    await sleep(1000)
  }
  await floodOneAccount()
} finally {
  child.kill()
  await gone
  rmSync(folder, { recursive: true })
}

/** All with the same hash. */
async function makeAccounts(count: number) {
  const database = await openSqlite(file)
  const store = new AccountsStore(database)
  const passwordHash = await new Passwords(readConfig(process.env).passwordHash).hash(password)
  for (let number = 0; number < count; number += 1)
    await store.insert({ name: `person-${number}`, key: `person-${number}`, passwordHash })
  await database.close()
}

function giveUp() {
  console.error(
    `It took longer than ${longestMilliseconds / 1000} s: try again when the machine is less busy.`
  )
  child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
  process.exit(1)
}

/** During a few sign-ins, from the service's metrics. */
async function mostHashedAtOnce(): Promise<number> {
  let most = 0
  let isOver = false
  const flood = signInAtOnce(40).finally(() => (isOver = true))
  while (!isOver) {
    const response = await fetch(new URL('/metrics', service), {
      headers: { authorization: `Bearer ${metricsToken}` }
    })
    const [, running] = /^latchkey_passwords_running (\d+)$/m.exec(await response.text()) ?? []
    most = Math.max(most, Number(running))
  }
  await flood
  return most
}

interface Answer {
  readonly status: number
  readonly milliseconds: number
  readonly cookie: string
}

async function ask(path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  const begun = performance.now()
  const asking = request(new URL(path, service), { agent, method: body ? 'POST' : 'GET', headers })
  asking.end(body)
  const [response] = await once(asking, 'response')
  response.resume()
  await once(response, 'end')
  const cookie = [response.headers['set-cookie'] ?? []]
    .flat()
    .map((line) => line.split(';')[0])
    .join('; ')
  return { status: response.statusCode, milliseconds: performance.now() - begun, cookie }
}

/** Everybody has a different address, which the test sends as a proxy would. */
function askToSignIn(number: number): Promise<Answer> {
  const from = `10.0.${number >> 8}.${number & 255}`
  const headers = { 'x-forwarded-for': from, 'content-type': 'application/json' }
  return ask('/login', headers, JSON.stringify({ username: `person-${number}`, password }))
}

async function signIn(number: number): Promise<string> {
  const { status, cookie } = await askToSignIn(number)
  if (status !== 200) throw new Error(`signing in was answered ${status}`)
  return cookie
}

function signInAtOnce(count: number): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, number) => askToSignIn(number)))
}

/** One visitor for each page, every few milliseconds. @returns response times by page */
async function visitUntil(end: Promise<unknown>, pages: readonly string[], cookie: string) {
  let isOver = false
  const ended = end.finally(() => (isOver = true))
  const times = new Map(pages.map((page) => [page, [] as number[]]))
  const visits = pages.map(async (page) => {
    while (!isOver) {
      const { status, milliseconds } = await ask(page, { cookie })
      if (status !== 200) throw new Error(`${page} was answered ${status}`)
      times.get(page)?.push(milliseconds)
      await sleep(5)
    }
  })
  await Promise.all([...visits, ended])
  return times
}

/** 320 connections sign in to one account with its right password, again and again, and others sign in. */
async function floodOneAccount() {
  let isOver = false
  let requests = 0
  const flood = Array.from({ length: 320 }, async () => {
    while (!isOver) {
      await askToSignIn(0)
      requests += 1
    }
  })
  await sleep(1000)
  const others: Answer[] = []
  for (let number = 1; number <= 20; number += 1) others.push(await askToSignIn(number))
  isOver = true
  await Promise.all(flood)
  const times = others.map(({ milliseconds }) => milliseconds)
  const count = others.filter(({ status }) => status === 200).length
  console.log(
    `\n${requests} sign-ins to one account over 320 connections: others sign in ${count} of ${others.length} times, ` +
      `p50 ${median(times).toFixed(0)} ms, the longest ${Math.max(...times).toFixed(0)} ms`
  )
}

function tell(answers: readonly Answer[]) {
  const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length
  const last = Math.max(...answers.filter(({ status }) => status === 200).map((one) => one.milliseconds))
  const others = answers.length - count(200) - count(503)
  console.log(
    `\n${answers.length} sign-ins at once: ${count(200)} signed in, the last after ${last.toFixed(0)} ms; ` +
      `${count(503)} answered 503, ${others} otherwise`
  )
}

function compare(page: string, quiet: readonly number[], during: readonly number[]) {
  const [before, after] = [p99(quiet), p99(during)]
  console.log(
    `${page}: p99 ${after.toFixed(1)} ms of ${during.length}, ${before.toFixed(1)} ms when quiet, ratio ${(after / before).toFixed(1)}`
  )
}

function tellMemory() {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  const [now, peak] = ['VmRSS', 'VmHWM'].map((name) => {
    const [, kilobytes] = new RegExp(`${name}:\\s+(\\d+) kB`).exec(status) ?? []
    return Math.round(Number(kilobytes) / 1024)
  })
  console.log(`memory: ${now} MB, ${peak} MB at its peak`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? Number.NaN
}
