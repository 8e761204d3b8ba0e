import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What every server answers to who is signed in, byte for byte. */
export const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Dashboard</title></head>
<body><h1>Hello</h1><p>You are signed in. This page is only for people who are.</p></body></html>
`

/** And to who is not, at /login. */
export const form = page.replace('You are signed in.', 'Sign in first.')

/** Tells the benchmark where it listens, and what it has used whenever it is asked. */
export function serve(server: Server): void {
  const { port } = server.address() as AddressInfo
  process.on('message', () => process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }))
  process.once('disconnect', () => process.exit())
  process.send?.({ url: `http://127.0.0.1:${port}` })
}

export const secret = 'a secret of the benchmark of 32 characters or more'
export const redisUrl = process.env.REDIS_URL ?? ''
