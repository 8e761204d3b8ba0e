import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Pace } from './compare.ts'
import { pinning } from './server-process.ts'

const packages = {
  '../..': [
    'fastify',
    'ioredis',
    '@fastify/session',
    'connect-redis',
    'express',
    'express-session',
    'argon2'
  ],
  '.': ['@fastify/secure-session', 'better-auth', 'redis', 'autocannon']
}

/** The machine and versions of a measurement, without which its figures mean nothing. */
export function describeMachine({ rounds, seconds }: Omit<Pace, 'connections'>): string {
  const memory = Math.round(totalmem() / 1024 ** 3)
  const redis = /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1]
  const versions = Object.entries(packages).flatMap(([folder, names]) => {
    return names.map((name) => `${name} ${versionOf(folder, name)}`)
  })
  return [
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, ${memory} GiB, Linux ${release()}.`,
    `Node ${process.version}, Redis ${redis}; ${versions.join(', ')}.`,
    `Pinned: ${pinning}. Medians of ${rounds} interleaved rounds of ${seconds} s each, after two seconds to warm up.`,
    'CPU time is what the process of the server used, divided by the requests it answered. Every answer was',
    'checked: status 200 and the text that only who is signed in sees.'
  ].join('\n')
}

function versionOf(folder: string, name: string): string {
  const file = join(import.meta.dirname, folder, 'node_modules', name, 'package.json')
  return JSON.parse(readFileSync(file, 'utf8')).version
}
