import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import type { Test } from 'tap'
import './end-children.ts'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { onTrueClock } from './true-clock.ts'

const examples = join(import.meta.dirname, '../../examples/gate')

/** A real proxy with its example configuration; only the ports are replaced. */
export interface ProxyServer {
  /** Its https port for all hosts, instead of 443. */
  readonly port: number
}

/** The ports of Latchkey and of the app behind the gate. */
export interface Upstreams {
  readonly latchkey: number
  readonly app: number
}

export async function startNginx(t: Test, upstreams: Upstreams): Promise<ProxyServer> {
  return startNginxFrom(t, await readFile(join(examples, 'nginx.conf'), 'utf8'), upstreams)
}

/** The example without its sizes of buffers. */
export async function startNginxWithItsBuffers(t: Test, upstreams: Upstreams): Promise<ProxyServer> {
  const example = await readFile(join(examples, 'nginx.conf'), 'utf8')
  return startNginxFrom(t, example.replace(/^ *proxy_buffer(s|_size) .*$/gm, ''), upstreams)
}

/** @param example has the ports, upstreams and certificates of the one in examples/ */
export async function startNginxFrom(t: Test, example: string, upstreams: Upstreams): Promise<ProxyServer> {
  const folder = await ownFolder(t)
  const [port, plainPort] = [await freePort(), await freePort()]
  const conf = withUpstreams(example, upstreams)
    .replace('listen 80;', `listen 127.0.0.1:${plainPort};`)
    .replaceAll('listen 443 ', `listen 127.0.0.1:${port} `)
    .replaceAll('/etc/ssl/example.org/', `${folder}/`)
  makeCertificate(folder)
  await writeFile(join(folder, 'latchkey.conf'), conf)
  await writeFile(join(folder, 'nginx.conf'), `${mainConf}`)
  await startProcess(t, {
    program: 'nginx',
    args: ['-p', folder, '-e', 'stderr', '-c', 'nginx.conf'],
    folder,
    port
  })
  return { port }
}

export async function startCaddy(t: Test, upstreams: Upstreams): Promise<ProxyServer> {
  return startCaddyFrom(t, await readFile(join(examples, 'Caddyfile'), 'utf8'), upstreams)
}

/** @param example has the ports and hosts of the one in examples/ */
export async function startCaddyFrom(t: Test, example: string, upstreams: Upstreams): Promise<ProxyServer> {
  const folder = await ownFolder(t)
  const port = await freePort()
  // Makes its own certificates, and listens on this port only.
  const options = `{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\tauto_https disable_redirects\n\thttps_port ${port}\n\tdefault_bind 127.0.0.1\n\tservers {\n\t\tprotocols h1 h2\n\t}\n}\n`
  await writeFile(join(folder, 'Caddyfile'), options + withUpstreams(example, upstreams))
  const args = ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile']
  await startProcess(t, { program: 'caddy', args, folder, port })
  for (const host of ['login.example.org', 'app.example.org'])
    await eventually(`a certificate for ${host}`, () => shakesHands(port, host))
  return { port }
}

export async function startHaproxy(t: Test, upstreams: Upstreams): Promise<ProxyServer> {
  return startHaproxyFrom(t, await readFile(join(examples, 'haproxy.cfg'), 'utf8'), upstreams)
}

/** @param example has the ports, files and servers of the one in examples/ */
export async function startHaproxyFrom(t: Test, example: string, upstreams: Upstreams): Promise<ProxyServer> {
  const folder = await ownFolder(t)
  const [port, plainPort] = [await freePort(), await freePort()]
  makeCertificate(folder)
  const pems = ['fullchain.pem', 'privkey.pem'].map((file) => readFile(join(folder, file), 'utf8'))
  await writeFile(join(folder, 'both.pem'), (await Promise.all(pems)).join(''))
  const lua = await readFile(join(examples, 'latchkey-gate.lua'), 'utf8')
  await writeFile(join(folder, 'latchkey-gate.lua'), withUpstreams(lua, upstreams))
  const conf = withUpstreams(example, upstreams)
    .replace('bind :80\n', `bind 127.0.0.1:${plainPort}\n`)
    .replace('bind :443 ', `bind 127.0.0.1:${port} `)
    .replaceAll('/etc/ssl/example.org/', `${folder}/`)
    .replaceAll('/etc/haproxy/', `${folder}/`)
  await writeFile(join(folder, 'haproxy.cfg'), conf)
  const args = ['-db', '-f', join(folder, 'haproxy.cfg')]
  await startProcess(t, { program: 'haproxy', args, folder, port })
  return { port }
}

/** The parts of nginx.conf that Debian provides, in a folder of its own. */
const mainConf = `
daemon off;
worker_processes 1;
pid nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path temp;
  proxy_temp_path temp;
  fastcgi_temp_path temp;
  uwsgi_temp_path temp;
  scgi_temp_path temp;
  include latchkey.conf;
}
`

function withUpstreams(example: string, { latchkey, app }: Upstreams): string {
  return example
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${latchkey}`)
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${app}`)
}

/** Makes `privkey.pem` and `fullchain.pem` in a folder. */
export function makeCertificate(folder: string): void {
  const args =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=example.org'
  const names = ['-addext', 'subjectAltName=DNS:*.example.org']
  const files = ['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')]
  execFileSync('openssl', [...args.split(' '), ...names, ...files], { stdio: 'ignore', env: onTrueClock() })
}

async function ownFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-proxy-'))
  await mkdir(join(folder, 'temp'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly folder: string
  readonly port: number
}

async function startProcess(t: Test, { program, args, folder, port }: Command): Promise<void> {
  // On Debian nginx is only in root's PATH.
  const PATH = [process.env.PATH, '/usr/sbin'].join(delimiter)
  const child = spawn(program, args, { env: { PATH, HOME: folder }, stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  child.stderr.on('data', (chunk) => (output += chunk))
  const gone = once(child, 'exit')
  t.teardown(async () => {
    child.kill()
    await gone
  })
  const failed = gone.then(() => {
    throw new Error(`${program} ended before it listened: ${output}`)
  })
  await Promise.race([eventually(`${program} at port ${port}`, () => listens(port)), failed])
  failed.catch(() => {})
}

async function shakesHands(port: number, servername: string): Promise<boolean> {
  const socket = connectTls({ host: '127.0.0.1', port, servername, rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect')
    return true
  } finally {
    socket.destroy()
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
