import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { modulesOf, packageOf } from './loaded-modules.ts'

// How long the service and the command take until they answer, beside an empty app of fastify-cli, in turns, and what each
// package of theirs takes to load. CPU time, which other programs on the machine change least, and time by the clock.
//   node bench/start.ts [--rounds 7]
const root = join(import.meta.dirname, '..')
const { values: wanted } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })
const rounds = Number(wanted.rounds)
const folder = mkdtempSync(join(tmpdir(), 'latchkey-start-'))
process.on('exit', () => rmSync(folder, { recursive: true }))

/** Prints what CPU a program took. */
const meter = join(folder, 'meter.cjs')
writeFileSync(
  meter,
  `process.on('exit', () => {
    const { user, system } = process.cpuUsage()
    require('node:fs').writeSync(2, 'CPU ' + (user + system) / 1000)
  })`
)
const empty = join(folder, 'empty.mjs')
writeFileSync(
  empty,
  `export default async (app, options) => {
    app.get('/', async () => 'hello')
    app.addHook('onListen', async () => console.log('ready'))
  }`
)
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))
const [, ...npmStart] = read('package.json').scripts.start.split(' ')
const cli = join(root, 'node_modules/fastify-cli/cli.js')
const fastifyStart = [cli, 'start', '--options', '--require', './src/start/preload.ts', 'src/app.ts']

interface Program {
  readonly name: string
  readonly words: readonly string[]
  /** A server is stopped when its output has this. */
  readonly until?: string
}

const programs: readonly Program[] = [
  { name: 'node, which does nothing', words: ['--eval', '0'] },
  { name: 'fastify start, an empty app', words: [cli, 'start', empty], until: 'ready' },
  { name: 'fastify start src/app.ts', words: fastifyStart, until: 'Latchkey is ready' },
  { name: 'npm start, without npm', words: npmStart, until: 'Latchkey is ready' },
  { name: 'latchkey --help', words: ['bin/latchkey.js', '--help'] },
  { name: 'latchkey users list', words: ['bin/latchkey.js', 'users', 'list'] }
]

const { NODE_COMPILE_CACHE: _, ...ours } = process.env
const env = {
  ...ours,
  ...{ DATABASE_URL: `file:${folder}/latchkey.db`, SESSION_SECRET: 'x'.repeat(32), PORT: '0' },
  FASTIFY_ADDRESS: '127.0.0.1'
}

async function run({ words, until }: Program): Promise<{ cpu: number; seconds: number }> {
  const from = performance.now()
  let seconds = 0
  let output = ''
  const child = spawn(process.execPath, ['--require', meter, ...words], { cwd: root, env })
  const hear = (chunk: Buffer) => {
    output += chunk
    if (!until || seconds > 0 || !output.includes(until)) return
    seconds = (performance.now() - from) / 1000
    child.kill('SIGTERM')
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  await once(child, 'close')
  const [, cpu] = /CPU ([\d.]+)/.exec(output) ?? []
  if (cpu === undefined || (until && seconds === 0)) throw new Error(`${words.join(' ')}:\n${output}`)
  return { cpu: Number(cpu), seconds: seconds || (performance.now() - from) / 1000 }
}

const measured = new Map<Program, { cpu: number; seconds: number }[]>(
  programs.map((program) => [program, []])
)
// The first round fills the caches.
for (let round = 0; round <= rounds; round += 1) {
  for (const [program, all] of measured) {
    const once = await run(program)
    if (round > 0) all.push(once)
  }
}

console.log(`Medians of ${rounds} rounds, in turns\n\n| | CPU ms | seconds | modules |\n|---|---|---|---|`)
for (const [program, all] of measured) {
  const { name, words, until } = program
  const modules = await modulesOf({ words, env, noted: join(folder, 'noted'), ...(until && { until }) })
  const [cpu, seconds] = [median(all.map(({ cpu }) => cpu)), median(all.map(({ seconds }) => seconds))]
  console.log(`| ${name} | ${cpu.toFixed(0)} | ${seconds.toFixed(2)} | ${modules.length} |`)
}

const started = await modulesOf({
  words: npmStart,
  env,
  noted: join(folder, 'noted'),
  until: 'Latchkey is ready'
})
const byPackage = Map.groupBy(started, packageOf)
const dependencies = {
  ...read('package.json').dependencies,
  ...read('service/package.json').dependencies,
  fastify: ''
}
const bare = median(await cpuOf('0'))
const costs = []
for (const name of [...Object.keys(dependencies), '#vendor/kysely', '#vendor/connect-redis']) {
  // Types alone.
  if (name.startsWith('@types/')) continue
  costs.push({ name, cost: median(await cpuOf(`await import('${name}')`)) - bare })
}
console.log('\n| loading a package alone | CPU ms | files of it at the start |\n|---|---|---|')
for (const { name, cost } of costs.toSorted((one, other) => other.cost - one.cost)) {
  const inVendor = started.filter((file) => `${file}` === `${name.slice(1)}.js`)
  const files = name.startsWith('#') ? inVendor : (byPackage.get(name) ?? [])
  console.log(`| ${name} | ${cost.toFixed(0)} | ${files.length || 'none'} |`)
}

async function cpuOf(code: string): Promise<number[]> {
  const all = []
  for (let round = 0; round < 3; round += 1) {
    all.push((await run({ name: code, words: ['--input-type=module', '--eval', code] })).cpu)
  }
  return all
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}
