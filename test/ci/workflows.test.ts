import { execFileSync } from 'node:child_process'
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const folder = '.github/workflows'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}
interface Job {
  readonly 'runs-on': string
  readonly permissions: Readonly<Record<string, string>>
  readonly 'timeout-minutes': number
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown[]>> }
  readonly steps: Step[]
}

const workflows = readdirSync(join(root, folder)).map(
  (file) => [file, parse(read(join(folder, file)))] as const
)
const jobs = workflows.flatMap(([file, { jobs }]) =>
  Object.entries<Job>(jobs).map(([name, job]) => [`${file}: ${name}`, job] as const)
)
const ci: Readonly<Record<string, Job>> = parse(read(join(folder, 'ci.yml'))).jobs
const failing = `# Subtest: a
    ok 1 - passes
    # Subtest: b
        not ok 1 - does not pass
          ---
          at: here
          ...
        1..1
        # failed 1 test
    not ok 2 - b # time=1ms
    1..2
ok 2 - c
`
/** The expression for a value of the matrix in a workflow. */
const each = (name: string) => `\${{ matrix.${name} }}`
const nodes = ci.everything?.strategy?.matrix.node

t.test('the Node versions in the matrix are those that documents and package.json name', async (t) => {
  t.same(nodes, [24, 26])
  const { engines, devDependencies } = JSON.parse(read('package.json'))
  t.equal(engines.node, `>=${nodes?.[0]}`)
  t.match(read('src/start/node-version.cjs'), `const needed = ${nodes?.[0]}\n`)
  t.match(devDependencies.node, `^${nodes?.[0]}.`)
  for (const document of ['README.md', 'CONTRIBUTING.md']) t.match(read(document), 'Node 24 and 26', document)
})

t.test('every change is tested on each version in the matrix, and on no other', async (t) => {
  const { on } = parse(read(join(folder, 'ci.yml')))
  t.ok('pull_request' in on && on.push.branches.includes('main'))
  t.match(ci.everything?.['runs-on'], /^(ubuntu|debian)/)
  t.same(ci.everything?.steps.map(({ run }) => run).filter(Boolean), [`.ci/run ${each('node')}`])
  t.match(read('.ci/run'), '\nstep npm ci\nstep .ci/use-node "$@"\n')
})

t.test('the first command is tested on macOS and Windows', async (t) => {
  const { matrix } = ci['first-command']?.strategy ?? {}
  t.same(matrix, { system: ['macos-latest', 'windows-latest'], node: nodes })
  t.match(ci['first-command'], { 'runs-on': each('system') })
  t.equal(ci['first-command']?.steps.at(-1)?.run, 'node .ci/first-command.ts')
})

t.test('each job has only the permissions it needs, and a timeout', async (t) => {
  for (const [file, { permissions }] of workflows) t.same(permissions, {}, file)
  for (const [name, job] of jobs) {
    const forPublishing = name === 'release.yml: publish' ? { 'id-token': 'write' } : {}
    t.same(job.permissions, { contents: 'read', ...forPublishing }, name)
    t.ok(job['timeout-minutes'] > 0, name)
    const checkout = job.steps.find(({ uses }) => uses?.startsWith('actions/checkout@'))
    t.equal(checkout?.with?.['persist-credentials'], false, name)
  }
})

t.test("actions are GitHub's own, and all workflows use the same version of each", async (t) => {
  const actions = jobs.flatMap(([, { steps }]) => steps.flatMap(({ uses = [] }) => uses))
  for (const action of actions) t.match(action, /^actions\/[\w-]+@v\d+$/)
  t.equal(new Set(actions).size, new Set(actions.map((action) => action.split('@')[0])).size)
  for (const [name, { steps }] of jobs) {
    const node = steps.find(({ uses }) => uses?.startsWith('actions/setup-node@'))?.with?.['node-version']
    t.ok(node === each('node') || nodes?.includes(node), name)
  }
})

t.test('the programs that workflows run exist and are executable', async (t) => {
  const programs = jobs.flatMap(([, { steps }]) =>
    steps.flatMap(({ run = '' }) => run.match(/\.ci\/[\w.-]+/g) ?? [])
  )
  t.same([...new Set(programs)].sort(), ['.ci/first-command.ts', '.ci/run'])
  accessSync(join(root, '.ci/run'), constants.X_OK)
  accessSync(join(root, '.ci/use-node'), constants.X_OK)
})

t.test('.ci/run names what failed once more at its end, with what tap says of it', async (t) => {
  const log = join(t.testdir({ log: failing }), 'log')
  const [failures = ''] = read('.ci/run').match(/^failures\(\) \{\n.*?^\}/ms) ?? []
  const shown = execFileSync('bash', ['-c', `${failures}\nfailures`], { env: { ...process.env, log } })
  t.equal(
    `${shown}`,
    failing
      .split('\n')
      .filter((line) => /not|at: here|---|\.\.\./.test(line))
      .join('\n')
      .concat('\n')
  )
})
