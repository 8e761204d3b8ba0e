import { test } from 'tap'
import { planInstall } from './install-servers.ts'

const proxies = ['nginx', 'caddy', 'haproxy', 'openssl', 'pgbouncer', 'exim4']
const debian = (...commands: string[]) => new Set(['apt-get', ...proxies, ...commands])

test('nothing is installed if every server and a browser are there', async (t) => {
  for (const browser of ['chromium', 'chromium-browser', 'google-chrome']) {
    const commands = new Set([...proxies, 'redis-server', 'initdb', browser])
    t.same(planInstall({ commands, rights: 'root' }), { action: 'nothing' })
  }
  const named = {
    commands: new Set([...proxies, 'redis-server', 'initdb']),
    chromiumPath: '/opt/chromium',
    rights: 'none'
  } as const
  t.same(planInstall(named), { action: 'nothing' })
})

test('root installs only what is missing, without questions', async (t) => {
  const plan = planInstall({ commands: debian('redis-server', 'initdb'), rights: 'root' })
  const prefix = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']
  t.same(plan, {
    action: 'install',
    message: 'Installing chromium, which the tests need.',
    commands: [
      [...prefix, 'update'],
      [...prefix, 'install', '-y', '--no-install-recommends', 'chromium']
    ],
    alsoTry: [...prefix, 'install', '-y', '--no-install-recommends', 'chromium-headless-shell']
  })
})

test('a user with sudo and no password installs with it', async (t) => {
  const plan = planInstall({ commands: debian('initdb', 'chromium'), rights: 'sudo' })
  const lines = plan.action === 'install' ? plan.commands.map((command) => command.join(' ')) : []
  t.equal(lines.length, 2)
  for (const line of lines) t.match(line, /^sudo -n env DEBIAN_FRONTEND=noninteractive apt-get /)
  t.match(lines[1], / redis-server$/)
})

test('the proxies that test the gate are installed too', async (t) => {
  const commands = new Set(['apt-get', 'redis-server', 'initdb', 'chromium'])
  const plan = planInstall({ commands, rights: 'root' })
  t.same(plan.action === 'install' && plan.commands[1]?.slice(-6), [
    'nginx',
    'caddy',
    'haproxy',
    'openssl',
    'pgbouncer',
    'exim4-daemon-light'
  ])
})

test('a user who cannot install is shown the command', async (t) => {
  t.same(planInstall({ commands: debian(), rights: 'none' }), {
    action: 'ask',
    message:
      'The tests need redis-server, postgresql, and chromium. Type:\n' +
      '  sudo apt-get update && sudo apt-get install -y --no-install-recommends redis-server postgresql chromium'
  })
})

test('without apt-get root is shown what is needed too', async (t) => {
  const plan = planInstall({ commands: new Set([...proxies, 'redis-server', 'initdb']), rights: 'root' })
  t.match(plan, {
    action: 'ask',
    message: /^The tests need chromium, and there is no apt-get here\..*CHROMIUM_PATH/
  })
})
