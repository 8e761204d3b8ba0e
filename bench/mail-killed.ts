import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import { allOrNothing } from '../src/database/all-or-nothing.ts'
import { openDatabase } from '../src/database/database.ts'
import { parseDatabaseUrl } from '../src/database/database-address.ts'
import { KeyRing } from '../src/encryption/key-ring.ts'
import { Outbox } from '../src/mail/outbox.ts'

export interface KilledOptions {
  readonly count: number
  /** After how many deliveries the worker is killed. */
  readonly killAfter: number
  /** How long what a killed worker was sending waits, in milliseconds. */
  readonly lease: number
  /** As in DATABASE_URL: an empty database. By default a new embedded one. */
  readonly databaseUrl?: string | undefined
}

export interface Outcome {
  readonly kills: number
  /** Messages that never arrived. */
  readonly lost: number
  /** Messages that arrived several times, and how many times too many all together. */
  readonly repeated: number
  readonly surplus: number
  /** Message-IDs that two messages have. */
  readonly confused: number
}

/** Posts messages, and lets a process send them to a real mail server, which kills it with SIGKILL again and again. */
export async function sendWithKills({ count, killAfter, lease, ...of }: KilledOptions): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-mail-'))
  const { databaseUrl = `file:${join(folder, 'latchkey.db')}` } = of
  const key = randomBytes(32).toString('hex')
  await post({ databaseUrl, key, count })
  const arrived = new Map<string, string[]>()
  let deliveries = 0
  let kills = 0
  let child: ChildProcess | undefined
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    async onData(stream, _session, done) {
      // Half a message of a worker that was killed is none.
      const message = await text(stream).catch(() => undefined)
      if (message === undefined) return
      const [, subject = ''] = /^Subject: (.+)$/m.exec(message) ?? []
      const [, id = ''] = /^Message-ID: (.+)$/im.exec(message) ?? []
      arrived.set(subject.trim(), [...(arrived.get(subject.trim()) ?? []), id.trim()])
      deliveries += 1
      const isLast = deliveries % killAfter === 0
      // Every second time before the server has answered.
      const isEarly = isLast && kills % 2 === 0
      if (!isEarly) done()
      if (!isLast) return
      kills += 1
      child?.kill('SIGKILL')
      if (isEarly) done()
    }
  })
  // Of clients that were killed.
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  const program = join(import.meta.dirname, 'mail-worker.ts')
  for (let code: number | null = null; code !== 0; ) {
    child = spawn(process.execPath, [program, databaseUrl, key, String(port), String(lease)], {
      stdio: ['ignore', 'inherit', 'inherit']
    })
    ;[code] = await once(child, 'exit')
    if (code !== 0 && code !== null) throw new Error(`The worker ended with ${code}`)
  }
  await new Promise<void>((resolve) => server.close(() => resolve()))
  rmSync(folder, { recursive: true })
  const ids = [...arrived.values()]
  return {
    kills,
    lost: count - arrived.size,
    repeated: ids.filter((each) => each.length > 1).length,
    surplus: deliveries - arrived.size,
    confused: ids.filter((each) => new Set(each).size > 1).length
  }
}

interface Posting {
  readonly databaseUrl: string
  readonly key: string
  readonly count: number
}

async function post({ databaseUrl, key, count }: Posting): Promise<void> {
  const listener = { onLost: console.error, onBack() {} }
  const database = await openDatabase(parseDatabaseUrl(databaseUrl), listener, 10_000)
  const outbox = new Outbox({ db: database.sql, keys: new KeyRing([key]), isOn: true })
  const expiresAt = Date.now() + 24 * 3_600_000
  for (let first = 0; first < count; first += 100)
    await allOrNothing(database, function* () {
      for (let name = first; name < Math.min(first + 100, count); name += 1) {
        const data = { name: String(name) }
        yield* outbox.post({ template: 'test', to: 'ada@example.org', data, expiresAt })
      }
    })
  await database.close()
}

// Shows that no message is lost, and how many arrive twice, when the worker is killed after every 50th delivery.
//   node bench/mail-killed.ts
//   COUNT=1000 node bench/mail-killed.ts
//   DATABASE_URL=postgres://localhost/empty node bench/mail-killed.ts
if (import.meta.main) {
  const count = Number(process.env.COUNT ?? 10_000)
  const start = performance.now()
  const outcome = await sendWithKills({
    count,
    killAfter: 50,
    lease: 10_000,
    databaseUrl: process.env.DATABASE_URL
  })
  const seconds = Math.round((performance.now() - start) / 1000)
  const { kills, lost, repeated, surplus, confused } = outcome
  console.log(
    `${count} messages in ${seconds} s, the worker killed ${kills} times: ${lost} lost, ${repeated} arrived more than once ` +
      `(${surplus} too many), ${confused} of them under another Message-ID`
  )
}
