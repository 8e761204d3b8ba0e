import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compare, type Row, type Subject, table, timesCheaper } from './compare.ts'
import { describeMachine } from './machine.ts'
import { enter, median } from './measure.ts'
import { fillRedis } from './million.ts'
import { stopRedis, urlOf } from './redis-process.ts'
import { measureRevocation } from './revocation.ts'
import { pinLoad, startServer } from './server-process.ts'
import { secret } from './servers/serve.ts'
import { measureSignIns } from './sign-ins.ts'
import { limit, type Peer, people, reading, settle } from './town.ts'

// Compares Latchkey with other libraries.
//   npm run bench: all comparisons, written to RESULTS.md
//   npm run bench -- quick: a first impression
//   npm run bench -- dashboards: only these comparisons, printed
const comparisons = {
  reads: compareReads,
  dashboards: compareDashboards,
  forms: compareForms,
  writes: compareWrites,
  connections: compareConnections,
  million: fillAndCompare,
  'sign-ins': signInAndCompare,
  'sign-outs': endAndWatch
}
const withPeers = ['reads', 'forms', 'writes', 'connections']
const isQuick = process.argv.includes('quick')
const pace = isQuick ? { rounds: 1, seconds: 1 } : { rounds: 5, seconds: 2 }
const million = isQuick ? 20_000 : 1_000_000
const sections: string[] = []
const goals: string[] = []
const asked = Object.keys(comparisons).filter((name) => process.argv.includes(name))
const isAsked = (name: string) => asked.length === 0 || asked.includes(name)

pinLoad()
const town = await settle({ peers: withPeers.some(isAsked) })
for (const [name, run] of Object.entries(comparisons)) if (isAsked(name)) await run()
finish()

async function compareReads(): Promise<void> {
  say('reads')
  const raw = {
    ...reading(town, '/raw', [])[0],
    label: 'bare Fastify, one GET from Redis',
    path: '/raw'
  } as Subject
  const [bare, ...peers] = reading(town, '/fixed')
  const rows = await compare(town.redis, [bare as Subject, raw, ...peers], { ...pace, connections: 50 })
  section('A fixed page for who is signed in, 50 connections', table(rows))
  const ours = 'Latchkey on Redis'
  const share = shareOf(rows, ours)
  goal('fixed page, sessions in Redis: share of the bare page', share, 0.9)
  const commands = rows.find(({ label }) => label === ours)?.commands ?? 1
  goals.push(line('Redis commands a request', commands.toFixed(3), '≤ 0.02', commands <= 0.02))
  goal('times cheaper than @fastify/secure-session', timesCheaper(rows, ours, named('secure')), 1)
  goal(
    'than Express + express-session + connect-redis',
    timesCheaper(rows, ours, named('express-session + c')),
    3.5
  )
  goal('than tuned @fastify/session + connect-redis', timesCheaper(rows, ours, named('tuned')), 1.8)
  goal('than better-auth, Redis', timesCheaper(rows, ours, named('better-auth getSession, R')), 7)
  goal('embedded database: share of the bare page', shareOf(rows, 'Latchkey on the embedded database'), 0.85)
  const express = timesCheaper(rows, 'latchkey/express on Redis', named('express-session + c'))
  goal('latchkey/express, times cheaper than express-session + connect-redis', express, 1.5)
}

async function compareDashboards(): Promise<void> {
  say('the dashboard')
  const expected = 'person-1'
  const subjectOf = async (label: string, server = town.service, path = '/dashboard') => {
    const cookies = path === '/dashboard' ? await enter(server, people) : []
    return { label, server, path, cookies, expected: path === '/dashboard' ? 'person-' : expected }
  }
  const [bare] = reading(town, '/fixed', [])
  const same = await subjectOf('the same view and headers, no session', town.service, '/same-view')
  const onRedis = await subjectOf('the dashboard on Redis')
  const embedded = await subjectOf('the dashboard on the embedded database', town.embeddedService)
  const answer = {
    ...bare,
    label: 'the same answer from bare Fastify, made once',
    path: '/answer',
    expected: onRedis.expected
  }
  await handOver(onRedis, answer as Subject)
  const subjects = [same, onRedis, embedded, answer as Subject, bare as Subject]
  const rows = await compare(town.redis, subjects, { ...pace, connections: 50 })
  section(
    'The real dashboard: Eta, languages, every header. Share of the same without a session',
    table(rows)
  )
  goal('dashboard: share of the same view without a session', shareOf(rows, onRedis.label), 0.9)
  goal('dashboard: share of the bare page', timesCheaper(rows, onRedis.label, limit), 0.65)
}

/** The same headers and bytes: what remains is the cost of sending them. */
async function handOver(from: Subject, to: Subject): Promise<void> {
  const [cookie = ''] = from.cookies
  const answer = await fetch(from.server.url + from.path, { headers: { cookie, accept: 'text/html' } })
  const kept = { headers: Object.fromEntries(answer.headers), body: await answer.text() }
  const headers = { 'content-type': 'application/json' }
  await fetch(to.server.url + to.path, { method: 'PUT', headers, body: JSON.stringify(kept) })
}

async function compareForms(): Promise<void> {
  say('anonymous visitors')
  const form = { server: town.service, path: '/login', cookies: [], expected: 'password' }
  const real = { ...form, label: 'the real sign-in page of the service' }
  const rows = await compare(town.redis, [...reading(town, '/login'), real], { ...pace, connections: 50 })
  section('A fixed page at /login for who has no cookie', table(rows))
}

async function compareWrites(): Promise<void> {
  say('writes')
  const writers: Peer[] = town.peers
    .map(({ label }) => label)
    .filter((label) => !label.startsWith('better-auth'))
  const [, ...peers] = reading(town, '/fixed', writers)
  const counting = peers.map((peer) => ({ ...peer, path: '/count', expected: 'views' }))
  const rows = await compare(town.redis, counting, { ...pace, connections: 50 })
  section('A request that changes the session. Share of Latchkey on Redis', table(rows))
  goal(
    'a write, times cheaper than tuned @fastify/session',
    timesCheaper(rows, 'Latchkey on Redis', named('tuned')),
    1.5
  )
}

async function compareConnections(): Promise<void> {
  const few: Peer[] = ['Latchkey on Redis', named('tuned'), named('express-session + c')]
  for (const connections of [1, 500]) {
    say(`${connections} connections`)
    const rows = await compare(town.redis, reading(town, '/fixed', few), { ...pace, connections })
    section(`The fixed page again, ${connections} connection${connections === 1 ? '' : 's'}`, table(rows))
  }
}

async function fillAndCompare(): Promise<void> {
  await stopPeers()
  say(`${million} sessions`)
  const [few, many] = [await fillRedis(1000, 1000), await fillRedis(million, million / 10)]
  const server = (redisUrl: string) => startServer('latchkey-plugin', { ...town.env, REDIS_URL: redisUrl })
  const subject = { path: '/fixed', expected: 'You are signed in' }
  const ofMany = await server(urlOf(many.redis))
  const count = million.toLocaleString('en')
  const subjects = [
    {
      ...subject,
      label: '1,000 live sessions',
      server: await server(urlOf(few.redis)),
      cookies: few.cookies
    },
    {
      ...subject,
      label: `${count}, 1,000 of them visit`,
      server: ofMany,
      cookies: many.cookies.slice(0, 1000)
    },
    { ...subject, label: `${count}, a tenth of them visit in turn`, server: ofMany, cookies: many.cookies }
  ]
  const rows = await compare(many.redis, subjects, { ...pace, connections: 50 })
  section(`${count} live sessions. Share of 1,000`, table(rows))
  goal(`${count} live sessions: share of 1,000`, shareOf(rows, subjects[1]?.label ?? ''), 0.95)
  const bytes = Math.round(many.bytesPerSession)
  goals.push(line('bytes in Redis for each session, all included', `${bytes}`, '≤ 500', bytes <= 500))
  await Promise.all([ofMany.stop(), subjects[0]?.server.stop()])
  stopRedis(few.redis)
  stopRedis(many.redis)
}

async function signInAndCompare(): Promise<void> {
  say('sign-ins')
  const raw = await startServer('raw-argon2', { SESSION_SECRET: secret })
  const cookies = await enter(town.service, people)
  const measured = await measureSignIns(town.service, raw, { ...pace, cookies })
  const { perSecond, rawPerSecond, share, quietP99, stormP99 } = measured
  const text = `${perSecond.toFixed(1)} sign-ins a second; argon2 alone ${rawPerSecond.toFixed(1)}. The dashboard's p99 is ${quietP99.toFixed(1)} ms, and ${stormP99.toFixed(1)} ms while as many sign in as can.`
  section('Signing in', text)
  goal('sign-ins: share of argon2 alone', share, 0.95)
  const times = stormP99 / quietP99
  goals.push(
    line('dashboard p99 in a storm of sign-ins, times its quiet one', times.toFixed(1), '≤ 3', times <= 3)
  )
  await raw.stop()
}

async function endAndWatch(): Promise<void> {
  say('sign-outs seen by another process')
  const [at, seenBy] = [
    await startServer('latchkey-plugin', town.env),
    await startServer('latchkey-plugin', town.env)
  ]
  const times = isQuick ? 50 : 300
  const delays = await measureRevocation(at, seenBy, { times, connections: 25 })
  const p99 = delays[Math.floor(delays.length * 0.99)] ?? Number.NaN
  const seen = delays.filter((delay) => delay > 0).length
  const text = `Of ${times} sign-outs at one process, another under load let in a request sent after the answer ${seen} times; the last such request was sent ${median(delays).toFixed(1)} ms (median), ${p99.toFixed(1)} ms (p99), ${(delays.at(-1) ?? 0).toFixed(1)} ms (worst) after it.`
  section('How long an ended session lives elsewhere', text)
  goals.push(line('an ended session is refused elsewhere, p99 ms', p99.toFixed(1), '≤ 10', p99 <= 10))
}

/** A server that is no longer measured should not use memory. */
async function stopPeers(): Promise<void> {
  await Promise.all([
    ...town.peers.map(({ server }) => server.stop()),
    town.embeddedService.stop(),
    town.bare.stop()
  ])
}

function finish(): void {
  const title = isQuick ? '# Results of a quick run: for a first look, not to be quoted' : '# Results'
  const met = ['| goal | measured | wanted | |', '|---|---|---|---|', ...goals].join('\n')
  const text = [title, describeMachine(pace), '## Goals', met, ...sections].join('\n\n')
  if (isQuick || asked.length > 0) console.log(text)
  else writeFileSync(join(import.meta.dirname, '../RESULTS.md'), `${text}\n`)
  process.exit()
}

function say(what: string): void {
  console.error(`${new Date().toTimeString().slice(0, 8)} ${what}`)
}

function section(title: string, text: string): void {
  sections.push(`## ${title}\n\n${text}`)
}

function goal(what: string, measured: number, wanted: number): void {
  goals.push(line(what, measured.toFixed(2), `≥ ${wanted}`, measured >= wanted))
}

function line(what: string, measured: string, wanted: string, isMet: boolean): string {
  return `| ${what} | ${measured} | ${wanted} | ${isMet ? 'met' : '**not met**'} |`
}

function shareOf(rows: readonly Row[], label: string): number {
  return median(rows.find((row) => row.label === label)?.shares ?? [])
}

/** The only peer whose label contains this text. */
function named(part: string): Peer {
  const found = town.peers.find(({ label }) => label.includes(part))
  if (!found) throw new Error(`Nobody is called ${part}`)
  return found.label
}
