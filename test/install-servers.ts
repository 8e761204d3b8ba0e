import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { postgresProgram } from './servers/postgres-programs.ts'

export interface Machine {
  /** The existing commands among those asked for; `initdb` may be outside the PATH. */
  readonly commands: ReadonlySet<string>
  /** The browser of CHROMIUM_PATH, if it exists. */
  readonly chromiumPath?: string | undefined
  readonly rights: 'root' | 'sudo' | 'none'
}

export type Plan =
  | { readonly action: 'nothing' }
  | {
      readonly action: 'install'
      readonly message: string
      readonly commands: readonly (readonly string[])[]
      /** Saves time, but not every Debian or Ubuntu has it. */
      readonly alsoTry: readonly string[]
    }
  | { readonly action: 'ask'; readonly message: string }

const browsers = ['chromium', 'chromium-browser', 'google-chrome']

/** Debian packages that have the name of their command. */
const servers = ['redis-server', 'nginx', 'caddy', 'haproxy', 'openssl', 'pgbouncer']

/**
 * What to do so that the tests find servers, proxies and a browser: nothing, run these commands, or tell the
 * user.
 */
export function planInstall(machine: Machine): Plan {
  const packages = missingPackages(machine)
  if (packages.length === 0) return { action: 'nothing' }

  const installing = ['apt-get', 'install', '-y', '--no-install-recommends']
  const install = [...installing, ...packages]
  if (!machine.commands.has('apt-get')) return { action: 'ask', message: withoutApt(packages) }
  if (machine.rights === 'none') {
    const line = `sudo apt-get update && sudo ${install.join(' ')}`
    return { action: 'ask', message: `The tests need ${inWords(packages)}. Type:\n  ${line}` }
  }
  const prefix = [
    ...(machine.rights === 'sudo' ? ['sudo', '-n'] : []),
    'env',
    'DEBIAN_FRONTEND=noninteractive'
  ]
  return {
    action: 'install',
    message: `Installing ${inWords(packages)}, which the tests need.`,
    commands: [
      [...prefix, 'apt-get', 'update'],
      [...prefix, ...install]
    ],
    alsoTry: [...prefix, ...installing, 'chromium-headless-shell']
  }
}

function missingPackages({ commands, chromiumPath }: Machine): string[] {
  const hasBrowser = chromiumPath !== undefined || browsers.some((browser) => commands.has(browser))
  return [
    ...servers.filter((server) => !commands.has(server)),
    ...(commands.has('initdb') ? [] : ['postgresql']),
    ...(commands.has('exim4') ? [] : ['exim4-daemon-light']),
    ...(hasBrowser ? [] : ['chromium'])
  ]
}

function withoutApt(packages: readonly string[]): string {
  return (
    `The tests need ${inWords(packages)}, and there is no apt-get here. ` +
    'Install what is missing so that it is on the PATH; CHROMIUM_PATH may name a browser elsewhere.'
  )
}

function inWords(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(names)
}

/** Debian starts some of them after installing; the tests start their own on free ports. */
export function installServers(): void {
  const plan = planInstall(thisMachine())
  if (plan.action === 'nothing') return
  if (plan.action === 'install') {
    console.error(plan.message)
    for (const command of plan.commands) runOrStop(command)
    spawnSync('env', plan.alsoTry, { stdio: 'ignore' })
  }

  const after = planInstall({ ...thisMachine(), rights: 'none' })
  if (after.action !== 'ask') return
  console.error(after.message)
  process.exit(1)
}

function thisMachine(): Machine {
  const { CHROMIUM_PATH } = process.env
  const asked = [...servers, 'exim4', 'apt-get', ...browsers]
  return {
    commands: new Set([...asked.filter(isOnPath), ...(postgresProgram('initdb') ? ['initdb'] : [])]),
    chromiumPath: CHROMIUM_PATH && isExecutable(CHROMIUM_PATH) ? CHROMIUM_PATH : undefined,
    rights: process.getuid?.() === 0 ? 'root' : maySudo() ? 'sudo' : 'none'
  }
}

function isOnPath(command: string): boolean {
  // On Debian nginx and PgBouncer are only in root's PATH.
  const folders = [...(process.env.PATH?.split(delimiter) ?? []), '/usr/sbin']
  return folders.some((folder) => isExecutable(join(folder, command)))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function maySudo(): boolean {
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
}

function runOrStop([program = '', ...words]: readonly string[]): void {
  const line = [program, ...words].join(' ')
  console.error(`$ ${line}`)
  if (spawnSync(program, words, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0) return
  console.error(`This failed, and the tests need it. Type:\n  ${line}`)
  process.exit(1)
}
