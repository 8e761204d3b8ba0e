import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../src/database/database.ts'
import { parseDatabaseUrl } from '../src/database/database-address.ts'
import { KeyRing } from '../src/encryption/key-ring.ts'
import { MailStore } from '../src/mail/mail-store.ts'
import { SmtpSender } from '../src/mail/smtp-sender.ts'
import { MailWorker } from '../src/mail/worker.ts'

// Sends what waits in a database until nothing does: for mail-killed.ts, which kills it.
//   node bench/mail-worker.ts DATABASE_URL KEY PORT LEASE_MILLISECONDS
const [url = '', key = '', port = '', lease = ''] = process.argv.slice(2)
const listener = { onLost: console.error, onBack() {} }
const database = await openDatabase(parseDatabaseUrl(url), listener, 10_000)
const store = new MailStore(database.noSyncSql)
const target = { kind: 'smtp', host: '127.0.0.1', port: Number(port), isTls: false, needsTls: false } as const
const from = { name: 'Example', address: 'no-reply@example.org' }
const worker = new MailWorker({
  ...{ store, keys: new KeyRing([key]), leaseMilliseconds: Number(lease) },
  log: { info: () => {}, warn: console.error, error: console.error },
  sender: async () => new SmtpSender(target, from),
  render: async ({ data }) => ({ subject: `Message ${data.name}`, text: `This is message ${data.name}.\n` })
})
for (;;) {
  await worker.sendDue()
  const { queued } = await store.waiting()
  if (queued === 0) break
  // Those that a killed worker had leased.
  await sleep(50)
}
await worker.stop()
await database.close()
