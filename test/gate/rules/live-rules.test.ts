import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { LiveRules } from '../../../src/gate/rules/live-rules.ts'
import { type RulesFile, readRulesFile } from '../../../src/gate/rules/rules-file.ts'

const gateHosts = ['app.example.org']
const lines = ['- { host: app.example.org, path: /admin, who: admin }\n', '- app.example.org: anybody\n']

t.test('half of a file counts at no time, also when its writer begins while it is looked at', async (t) => {
  const path = join(t.testdir({ 'gate.yaml': 'app.example.org: signed-in\n' }), 'gate.yaml')
  const said: string[] = []
  const log = { info: (line: string) => said.push(line), error: (line: string) => said.push(line) }
  let beforeReading = () => {}
  const read = (file: string) => {
    beforeReading()
    return readRulesFile(file)
  }
  const file = readRulesFile(path) as RulesFile
  const live = new LiveRules({ file, gateHosts, log, read })
  // It no longer looks by itself, only when the test says so.
  live.close()
  const look = async (times: number) => {
    for (let time = 0; time < times; time++) await live.look()
  }

  for (const half of ['nonsense\n', '', ...lines.slice(0, 1)]) {
    writeFileSync(path, 'app.example.org: admin\n')
    beforeReading = () => writeFileSync(path, half)
    await look(2)
    t.equal(live.book, file.book, JSON.stringify(half))
    t.same(said, [])
  }
  beforeReading = () => {}
  await look(1)
  appendFileSync(path, lines.slice(1).join(''))
  await look(1)
  t.same(said, [], 'the second half is there, for less than a second')
  await look(1)
  t.match(said, [/^GATE_RULES has changed: from now on 2 rules count\.$/])
  t.equal(live.book.rules.length, 2)
})
