import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'
import './end-children.ts'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { onTrueClock } from './true-clock.ts'

/** An Exim, which takes mail for example.org and puts each message into a file. */
export interface Exim {
  readonly port: number
  /** Its own certificate, which nobody else has signed. */
  readonly certificate: string
  /** What was delivered. */
  delivered(): readonly string[]
}

const configuration = (folder: string, port: number) => `
primary_hostname = localhost
domainlist ours = example.org
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%s
pid_file_path = ${folder}/exim.pid
daemon_smtp_ports = ${port}
local_interfaces = 127.0.0.1
deliver_drop_privilege = true
tls_advertise_hosts = *
tls_certificate = ${folder}/certificate.pem
tls_privatekey = ${folder}/key.pem
smtputf8_advertise_hosts = *
acl_smtp_rcpt = recipient
acl_smtp_data = message
never_users =
keep_environment =
begin acl
recipient:
  deny local_parts = nobody
       message = No such user here
  defer local_parts = later
       message = Come back later
  accept domains = +ours
  deny message = Relaying denied
message:
  deny condition = \${if match{$h_subject:}{spam}}
       message = Looks like spam
  accept
begin routers
ours:
  driver = accept
  domains = +ours
  transport = file
begin transports
file:
  driver = appendfile
  directory = ${folder}/mail
  maildir_format
  envelope_to_add
`

/**
 * Debian's Exim on a free port, with a folder of its own. It runs as the user that it is built for, so only root can start it.
 * Stopped by its process id when the test ends.
 */
export async function startExim(t: Test): Promise<Exim> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-exim-'))
  const port = await freePort()
  for (const inner of ['spool', 'log', 'mail']) mkdirSync(join(folder, inner))
  makeCertificate(folder)
  writeFileSync(join(folder, 'exim.conf'), configuration(folder, port))
  const id = (option: string) => Number(execFileSync('id', [option, 'Debian-exim'], { encoding: 'utf8' }))
  const owner = { uid: id('-u'), gid: id('-g') }
  for (const inner of ['', ...readdirSync(folder)]) chownSync(join(folder, inner), owner.uid, owner.gid)
  const child = spawn('exim4', ['-C', join(folder, 'exim.conf'), '-bdf'], {
    ...owner,
    cwd: folder,
    env: { ...onTrueClock(), PATH: `${process.env.PATH}${delimiter}/usr/sbin` },
    stdio: 'ignore'
  })
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill()
      await once(child, 'exit')
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  await eventually('exim', () => answers(port))
  const inbox = join(folder, 'mail', 'new')
  return {
    port,
    certificate: join(folder, 'certificate.pem'),
    delivered: () => readdirSync(inbox).map((name) => readFileSync(join(inbox, name), 'utf8'))
  }
}

function makeCertificate(folder: string): void {
  const making = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')]
  const extensions = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  execFileSync('openssl', [...making, ...files, ...extensions], { stdio: 'ignore', env: onTrueClock() })
}

/** Whether it greets. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    for await (const greeting of socket) return String(greeting).startsWith('220')
    return false
  } finally {
    socket.destroy()
  }
}
