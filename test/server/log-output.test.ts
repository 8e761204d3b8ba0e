import { PassThrough, Writable } from 'node:stream'
import t from 'tap'
import { toReader } from '../../src/server/log-output.ts'

const line = `${'x'.repeat(1023)}\n`

/** What a program reads that does not take anything until `goOn`. */
function reader() {
  const read: string[] = []
  let goOn = () => {}
  const output = new Writable({
    write(chunk, _encoding, done) {
      read.push(String(chunk))
      goOn = done
    }
  })
  return { output, read, goOn: () => goOn() }
}

t.test(
  'a log that nobody reads takes a megabyte of memory, and says afterwards what is missing',
  async (t) => {
    const { output, read, goOn } = reader()
    const log = toReader(output)
    for (let count = 0; count < 2000; count += 1) log.write(line)
    t.ok(output.writableLength < 1.1 * 1024 * 1024, `${output.writableLength} bytes`)

    while (output.writableLength > 0) goOn()
    log.write('back\n')
    while (output.writableLength > 0) goOn()
    const kept = read.filter((each) => each === line).length
    t.match(JSON.parse(read.at(-2) ?? ''), {
      level: 40,
      msg: `${2000 - kept} lines of the log were dropped, because nobody read it.`
    })
    t.equal(read.at(-1), 'back\n')
  }
)

t.test('a reader that has ended is no error', async (t) => {
  const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
  const log = toReader(output)
  log.write(line)
  await new Promise((resolve) => output.once('close', resolve))
  log.write(line)
  t.equal(output.writableLength, 0)
})

t.test('all services of a process share one listener at its output', async (t) => {
  const output = new PassThrough()
  for (let service = 0; service < 20; service++) toReader(output)
  t.equal(output.listenerCount('error'), 1)
})
